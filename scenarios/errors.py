"""What goes wrong with scenarios, said in sentences."""

from tiermix.core.errors import ScenarioError, TiermixError

__all__ = ["ScenarioError", "TiermixError"]
