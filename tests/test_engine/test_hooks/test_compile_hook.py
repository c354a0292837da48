from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.optim import OptimWrapper

from haresreid.config.config import load_config
from haresreid.engine.hooks.branch_hook import look
from haresreid.engine.hooks.compile_hook import CompileHook
from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample

CONFIG = str(Path(__file__).parents[3] / 'configs' / 'haresformer_synth.py')


@pytest.fixture(autouse=True)
def fresh():
    torch._dynamo.reset()
    yield
    torch.compiler.set_stance('default')


def model_and_batch():
    torch.manual_seed(0)
    model = MODELS.build(load_config(CONFIG).model).train()
    samples = [
        ReIDDataSample(metainfo=dict(gt_label=pid, modality=modality))
        for modality in (0, 1)
        for pid in (1, 4)
        for _ in range(2)
    ]
    return model, dict(inputs=list(torch.randn(8, 3, 96, 48)), data_samples=samples)


def compiled_steps(model, batch, hook=None) -> list[float]:
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9))
    if hook is not None:
        hook.before_train(SimpleNamespace(model=model, logger=SimpleNamespace(info=print)))
    return [model.train_step(batch, wrapper)['loss'].item() for _ in range(3)]


def test_compiled_steps_have_the_losses_of_uncompiled_ones_and_evaluation_is_not_compiled():
    graphs, hook = [], CompileHook('eager')
    hook.backend = lambda graph, inputs: graphs.append(graph) or graph.forward  # notes the graph, runs it as it is
    model, batch = model_and_batch()
    keys, losses = list(model.state_dict()), compiled_steps(model, batch, hook)
    assert losses == pytest.approx(compiled_steps(*model_and_batch()), rel=1e-6)
    assert len(graphs) == 1  # a break, or a graph for each step, would make more
    assert list(model.state_dict()) == keys
    hook.before_val_epoch(None)
    model.eval().val_step(batch)
    hook.after_val_epoch(None)
    look(model.train(), batch)
    model(torch.stack(batch['inputs']), batch['data_samples'], mode='loss')
    assert len(graphs) == 1  # evaluation and a look at the branches have none, and training still its own


def test_a_batch_of_another_size_gets_a_graph_of_fixed_sizes_too():
    """With symbolic sizes inductor of PyTorch 2.14 fails on the non-local blocks of AGW."""
    inputs, hook = [], CompileHook('eager')
    hook.backend = lambda graph, given: inputs.append(given) or graph.forward
    model, batch = model_and_batch()
    compiled_steps(model, batch, hook)
    compiled_steps(model, {key: rows[:4] + rows[4:6] for key, rows in batch.items()}, hook)
    assert len(inputs) == 2
    assert not any(isinstance(size, torch.SymInt) for given in inputs for each in given for size in (each, *each.shape))


def test_an_unknown_backend_is_refused():
    with pytest.raises(ValueError, match="no backend 'inducter'; there are .*inductor"):
        CompileHook('inducter')
