"""Models of paths fitted on a log that is larger than memory, piece by piece."""

from collections.abc import Callable, Hashable, Iterable, Sequence

from attribution.base import AttributionModel, PathModel
from attribution.errors import AttributionError
from attribution.registry import MODELS
from journeys import JourneyLog, Paths, concat


def fit_pieces(
    models: Sequence[AttributionModel],
    logs: Iterable[JourneyLog],
    *,
    lookback_days: float | None = None,
    paths: Callable[[Paths], Paths] = lambda paths: paths,
) -> float:
    """Fit models on a log in pieces as on the whole; returns the number of its journeys.

    logs: pieces that no visitor shares with another, as `JourneyLog.pieces` gives them; they are
    read once for all models, and of each only the models' digests of its paths are kept.
    lookback_days: as in `log.paths`; `paths` is what is done to the paths of each piece.
    `credit_by_touch_` has no rows of a table to name, and counts the steps of the digest. Raises
    AttributionError for a model that does not learn from paths.
    """
    able = _of_paths(models)
    readers = {_reads(model): model for model in able}
    parts: dict[Hashable, list[Paths]] = {key: [] for key in readers}
    journeys = 0.0
    for log in logs:
        shared = paths(log.paths(lookback_days=lookback_days))
        journeys += float(shared.weight.sum())
        for key, model in readers.items():
            own = has_own_cut(model)
            cut = paths(model.cut(log, lookback_days=lookback_days)) if own else shared
            _gather(parts[key], model.digest(cut))
    for model in able:
        model.fit(_joined(parts[_reads(model)]))
    return journeys


def in_pieces(model: AttributionModel | Callable[..., AttributionModel]) -> bool:
    """Whether a model (or a class of models) can be fitted in pieces."""
    return issubclass(model if isinstance(model, type) else type(model), PathModel)


def has_own_cut(model: PathModel) -> bool:
    """Whether a model cuts a log otherwise than most do."""
    return type(model).cut is not PathModel.cut


def _of_paths(models: Sequence[AttributionModel]) -> list[PathModel]:
    """The models, all of them models of paths."""
    others = [type(model).__name__ for model in models if not in_pieces(model)]
    if others:
        able = [name for name, kind in MODELS.items() if in_pieces(kind)]
        raise AttributionError(
            f"{', '.join(others)}: cannot be fitted in pieces, as visitors over time are learnt "
            "from all at once; read the log whole with more memory, or read a sample of its "
            "visitors (the first of ten pieces is a tenth of them), or use some of "
            f"{', '.join(able)}."
        )
    return [model for model in models if isinstance(model, PathModel)]


def _reads(model: PathModel) -> Hashable:
    """What a model reads of a log; models for which this is equal can share it."""
    return type(model).digest, id(model) if has_own_cut(model) else None


def _gather(parts: list[Paths], new: Paths) -> None:
    """Add a digest; what has come since the last time is joined once it is as much as before."""
    parts.append(new)
    if sum(len(part.channel) for part in parts[1:]) >= len(parts[0].channel):
        parts[:] = [_joined(parts)]


def _joined(parts: list[Paths]) -> Paths:
    """Paths of several pieces; equal sequences count together where no times tell them apart."""
    whole = concat(parts)
    return whole.grouped() if whole.age is None else whole
