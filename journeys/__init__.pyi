from .errors import JourneyError as JourneyError
from .log import JourneyLog as JourneyLog
from .paths import Paths as Paths
from .paths import concat as concat
from .tables import CONVERSION_KINDS as CONVERSION_KINDS
from .tables import TOUCH_KINDS as TOUCH_KINDS
