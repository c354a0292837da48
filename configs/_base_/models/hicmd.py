"""Hi-CMD (Choi et al., CVPR 2020): a person is what stays when pose and illumination are exchanged.

A prototype, the shape, and the style in an image's attributes belong to the person; its pose and its illumination do
not. Images that are drawn with another image's pose and illumination teach the encoders which is which.
"""

from haresreid.models import (
    AbsoluteDifferenceLoss,
    AttractedTripletLoss,
    AttributeExchangeGenerator,
    Criterion,
    DisentanglingResNet,
    DisentanglingVIReID,
    GradientPenaltyLoss,
    IDLoss,
    LeastSquaresLoss,
    PrototypeStyleHead,
    ResidualMultiScaleDiscriminator,
    RoleDataPreprocessor,
)

difference = dict(type=AbsoluteDifferenceLoss)
judge = dict(type=ResidualMultiScaleDiscriminator)
drawn, real, gradients = (
    [f'{name}_scale_{number}' for name in names for number in (1, 2, 3)]
    for names in (('exchanged', 'relit'), ('real',), ('gradient',))
)

# The weights are those of the sum over the modalities, which is twice the mean of both.
model = dict(
    type=DisentanglingVIReID,
    data_preprocessor=dict(type=RoleDataPreprocessor),
    generator=dict(type=AttributeExchangeGenerator, content_channels=256, code_channels=2048),
    discriminators=dict(visible=judge, infrared=judge),
    backbone=dict(type=DisentanglingResNet, depth=50, pretrained='torchvision://resnet50'),
    head=dict(type=PrototypeStyleHead, in_channels=2048),
    image_criteria=dict(
        generator=dict(
            type=Criterion,
            losses=dict(
                adversarial=dict(type=LeastSquaresLoss, target=1.0, feature=drawn, weight=40.0),
                reconstruction=dict(difference, features=dict(feats='reconstructed', target='images'), weight=100.0),
                cross=dict(difference, features=dict(feats='exchanged', target='partners'), weight=100.0),
                cycle=dict(difference, features=dict(feats='returned', target='images'), weight=100.0),
                attributes=dict(
                    difference, features=dict(feats='exchanged_attributes', target='given_attributes'), weight=20.0
                ),
                prior=dict(type=LeastSquaresLoss, target=0.0, feature='attributes', weight=2.0),
            ),
        ),
        discriminator=dict(
            type=Criterion,
            losses=dict(
                real=dict(type=LeastSquaresLoss, target=1.0, feature=real, weight=2.0),
                fake=dict(type=LeastSquaresLoss, target=0.0, feature=drawn, weight=1.0),
                penalty=dict(type=GradientPenaltyLoss, feature=gradients, weight=0.02),
            ),
        ),
        reid=dict(
            type=Criterion,
            losses=dict(drawn_id=dict(type=IDLoss, feature=['exchanged', 'relit'], weight=0.5)),
        ),
    ),
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, feature=['logits', 'recombined'], weight=1.0),
            tri=dict(type=AttractedTripletLoss, margin=0.5, feature='embedding', weight=1.0),
        ),
    ),
    flip_test=False,
)
