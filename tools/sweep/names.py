"""All sweeps by name."""

from tools.sweep.damages import Damages
from tools.sweep.flag_files import FlagFiles
from tools.sweep.kills import Kills
from tools.sweep.meetings import Meetings
from tools.sweep.nonfinite import NonFinite
from tools.sweep.signals import Signals
from tools.sweep.soak import Soak
from tools.sweep.trials import Sweep

SWEEPS: dict[str, type[Sweep]] = {
    "kills": Kills,
    "signals": Signals,
    "nonfinite": NonFinite,
    "damages": Damages,
    "flag_files": FlagFiles,
    "meetings": Meetings,
    "soak": Soak,
}
