"""One OpenAI-compatible door in front of what answers. Never imports torch, nor the code that trains or repairs."""
