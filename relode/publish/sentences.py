"""What a result says in words. Sentences are data (`data/texts/publish.toml`), numbers come from its own tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from relode.words.errors import UnknownWord

from . import say_data, say_diagnosis, say_effect, say_index, say_measure, say_others
from .figures import Shown

Topic = Callable[[Shown], Sequence[str]]
TOPICS: dict[str, dict[str, Topic]] = {
    "measure.index": {
        "headline": say_index.headline,
        "dimensions": say_index.dimensions,
        "uncertainty": say_index.uncertainty,
        "obstacles": say_index.obstacles,
        "quality": say_index.quality,
    },
    "measure.movement": {"headline": say_others.movement},
    "measure.accountability": {"headline": say_others.accountability},
    **{
        f"diagnose.{topic.__name__}": {"headline": topic}
        for topic in (
            say_diagnosis.citytype,
            say_diagnosis.citytype_check,
            say_diagnosis.convergence,
            say_diagnosis.gravity,
            say_diagnosis.inequality,
            say_diagnosis.integrity,
            say_diagnosis.integrity_power,
            say_diagnosis.likeness,
            say_diagnosis.spacetime,
            say_diagnosis.transitions,
        )
    },
    **{
        f"measure.{topic.__name__}": {"headline": topic}
        for topic in (
            say_measure.audit,
            say_measure.coherence,
            say_measure.coupling,
            say_measure.flips,
            say_measure.lens,
            say_measure.sensitivity,
        )
    },
    "gather.quality": {"headline": say_data.quality},
    **{
        f"measure.{topic.__name__}": {"headline": topic}
        for topic in (say_data.boundaries, say_data.currency, say_data.deflate)
    },
    "measure.efficiency": {"headline": say_diagnosis.efficiency},
    "measure.efficiency_corrected": {"headline": say_diagnosis.efficiency_corrected},
    "measure.productivity": {"headline": say_diagnosis.productivity},
    **{
        f"evaluate.{topic.__name__}": {"headline": topic}
        for topic in (
            say_effect.baseline,
            say_effect.design,
            say_effect.did,
            say_effect.dose,
            say_effect.falsify,
            say_effect.synthetic,
            say_effect.verdict,
        )
    },
    "measure.places": {"headline": say_others.places, "each": say_others.each_place},
}


def paragraphs(shown: Shown, topic: str) -> tuple[str, ...]:
    """The paragraphs on `topic`. Raises UnknownWord where the method has none."""
    topics = TOPICS.get(shown.result.method, {})
    if topic not in topics:
        raise UnknownWord(
            "publish.topic", name=topic, method=shown.result.method, where=shown.result.method, expected=tuple(topics)
        )
    return tuple(text[0].upper() + text[1:] for text in topics[topic](shown) if text)


def topics_of(method: str) -> tuple[str, ...]:
    """The topics that a method has sentences on, in reading order."""
    return tuple(TOPICS.get(method, ()))
