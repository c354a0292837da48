from types import SimpleNamespace

from torch import nn

from haresreid.engine import EpochHook


class Follower(nn.Identity):
    epoch = None

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch


def test_every_part_that_follows_the_epochs_is_told():
    model = nn.ModuleDict(dict(plain=nn.Linear(2, 2), outer=nn.Sequential(Follower(), nn.ReLU()), inner=Follower()))
    for epoch in (0, 7):  # a resumed training may begin with any
        EpochHook().before_train_epoch(SimpleNamespace(model=model, epoch=epoch))
        assert model['outer'][0].epoch == model['inner'].epoch == epoch
