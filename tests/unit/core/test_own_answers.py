from suture.core.teach.dataset import TargetKind
from suture.core.teach.own_answers import OwnAnswer, likeliest


def own(task, kind, loglik):
    return OwnAnswer(task_digest=task, kind=kind, target=f"{kind} {loglik}", attempt="", loglik=loglik)


def test_a_sample_comes_before_any_rewrite_and_then_the_likeliest():
    sample, rewrite = TargetKind.OWN_SAMPLE, TargetKind.OWN_REWRITE
    first = [own("a", rewrite, -1), own("a", sample, -9), own("a", sample, -5)]
    drawn = [*first, own("b", rewrite, -7), own("b", rewrite, -2)]
    assert [(a.task_digest, a.loglik) for a in likeliest(drawn)] == [("a", -5), ("b", -2)]
