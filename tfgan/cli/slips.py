"""What flags are called elsewhere, for the one line that answers an unknown one."""

import difflib
from collections.abc import Iterable

_RATES = "--generator_learning_rate and --discriminator_learning_rate"
_STEPS = (
    "--num_steps: N epochs of M images are N * M / batch_size of them, and the data line of a run "
    "says M"
)
_RESUMES = "no flag: the same command resumes by itself"
_DEVICE = "no flag: TensorFlow takes the GPU that it sees; CUDA_VISIBLE_DEVICES chooses"

ELSEWHERE = {
    **dict.fromkeys(("lr", "learning_rate", "rate"), _RATES),
    "lr_g": "--generator_learning_rate",
    "lr_d": "--discriminator_learning_rate",
    "g_lr": "--generator_learning_rate",
    "d_lr": "--discriminator_learning_rate",
    **dict.fromkeys(("epochs", "epoch", "num_epochs", "n_epochs"), _STEPS),
    **dict.fromkeys(("steps", "iterations", "niter", "max_steps", "train_steps"), "--num_steps"),
    **dict.fromkeys(("nz", "z_dim", "latent_dim", "noise_dim"), "--latent_size"),
    **dict.fromkeys(("ngf", "ndf", "channels", "filters"), "--base_channels"),
    **dict.fromkeys(("batch", "bs", "batchsize"), "--batch_size"),
    **dict.fromkeys(("resolution", "img_size", "size", "imagesize"), "--image_size"),
    **dict.fromkeys(("dataroot", "data_path", "images", "folder", "dir", "path"), "--image_dir"),
    **dict.fromkeys(("dataset", "dataset_name"), "--data"),
    **dict.fromkeys(
        ("outdir", "output", "output_dir", "out_dir", "logdir", "log_dir"), "--run_dir"
    ),
    **dict.fromkeys(("model_dir", "checkpoint_dir", "save_dir", "train_dir"), "--run_dir"),
    **dict.fromkeys(("resume", "continue", "restore", "load"), _RESUMES),
    **dict.fromkeys(("pretrained", "finetune", "init_from", "resume_from"), "--warm_start"),
    **dict.fromkeys(("gpu", "gpus", "gpu_ids", "device", "cuda", "ngpu"), _DEVICE),
    **dict.fromkeys(("n_critic", "critic_iters", "ncritic", "d_steps"), "--discriminator_steps"),
    **dict.fromkeys(("loss", "loss_type", "gan_mode", "gan_type"), "--objective"),
    **dict.fromkeys(("clip", "clip_value", "clipping"), "--weight_clip"),
    **dict.fromkeys(("ema", "ema_decay"), "--average_decay"),
    **dict.fromkeys(("arch", "architecture", "net"), "--network"),
    **dict.fromkeys(
        ("norm", "normalization", "normalisation", "bn", "batchnorm", "use_bn"),
        "--generator_norm and --discriminator_norm",
    ),
    **dict.fromkeys(("sn", "spectral", "use_sn", "spectral_norm"), "--discriminator_norm=spectral"),
    **dict.fromkeys(("fp16", "amp", "mixed_precision"), "--compute_dtype=bfloat16"),
    **dict.fromkeys(("save_interval", "snapshot", "save_freq"), "--checkpoint_every_steps"),
    **dict.fromkeys(("sample_interval", "display_freq"), "--sample_every_steps"),
    **dict.fromkeys(("config", "cfg"), "--flagfile"),
    **dict.fromkeys(("workers", "num_workers"), "no flag: reading takes the cores that there are"),
}
"""Name elsewhere, and what it is here."""


def hint(name: str, known: Iterable[str]) -> str:
    """Returns what an unknown flag may have meant, as a part of a sentence, or "".

    Args:
      name: of the flag, without its dashes.
      known: names of the flags that there are.
    """
    plain = name.lower().replace("-", "_")
    elsewhere = ELSEWHERE.get(plain, "")
    first = elsewhere.partition(" ")[0].partition("=")[0].strip(":").removeprefix("--")
    if elsewhere and (elsewhere.startswith("no flag") or first in known):
        return f"here it is {elsewhere}. "
    near = difflib.get_close_matches(plain, known, n=1)
    return f"did you mean --{near[0]}? " if near else ""
