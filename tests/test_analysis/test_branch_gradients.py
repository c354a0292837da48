import torch

from haresreid.analysis import branch_gradients


def test_norms_are_those_of_a_backward_pass(model, batch):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    stages = branch_gradients(model, batch)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not model.training and all(parameter.grad is None for parameter in model.parameters())

    model.train()
    losses = model(**model.data_preprocessor(batch, True), mode='loss')
    (losses['loss_id'] + losses['loss_aux']).backward()
    for stage, (re, te) in enumerate(stages, start=1):
        names = ('conv1.', 'bn1.', 'layer1.') if stage == 1 else (f'layer{stage}.',)
        parts = [
            parameter.grad.flatten()
            for name, parameter in model.backbone.encoder.named_parameters()
            if name.startswith(names)
        ]
        assert torch.allclose(torch.cat(parts).norm(), torch.tensor(re), rtol=1e-4)
        parts = [parameter.grad.flatten() for parameter in model.backbone.transformers[stage - 1].parameters()]
        assert torch.allclose(torch.cat(parts).norm(), torch.tensor(te), rtol=1e-4)
