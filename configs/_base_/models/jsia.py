"""JSIA-ReID (Wang et al., AAAI 2020): exchanged images align the modalities, as sets and image by image.

A generator draws each person in the other modality. The losses of the images also train the first stage of the encoder,
of which both modalities share the content; and the network should see the same person in an image and its exchange.
"""

from haresreid.models import (
    AbsoluteDifferenceLoss,
    AdversarialVIReID,
    BatchHardTripletLoss,
    BNNeckHead,
    Criterion,
    GlobalAveragePooling,
    GreyResNet,
    IDLoss,
    LeastSquaresLoss,
    MultiScaleDiscriminator,
    RoleDataPreprocessor,
    StyleExchangeGenerator,
    SymmetricKLLoss,
)

difference = dict(type=AbsoluteDifferenceLoss)
exchanged, real = ([f'{name}_scale_{number}' for number in (1, 2)] for name in ('exchanged', 'real'))

# The released code adds the means of the two modalities, which are twice the mean of both.
model = dict(
    type=AdversarialVIReID,
    data_preprocessor=dict(type=RoleDataPreprocessor),
    generator=dict(type=StyleExchangeGenerator, content_channels=256),
    discriminators=dict(visible=dict(type=MultiScaleDiscriminator), infrared=dict(type=MultiScaleDiscriminator)),
    backbone=dict(type=GreyResNet, depth=50, pretrained='torchvision://resnet50'),
    head=dict(type=BNNeckHead, in_channels=2048, pooling=dict(type=GlobalAveragePooling), test_feature='post_bn'),
    image_criteria=dict(
        generator=dict(
            type=Criterion,
            losses=dict(
                adversarial=dict(type=LeastSquaresLoss, target=1.0, feature=exchanged, weight=2.0),
                reconstruction=dict(difference, features=dict(feats='reconstructed', target='images'), weight=20.0),
                cycle=dict(difference, features=dict(feats='returned', target='images'), weight=20.0),
                content=dict(difference, features=dict(feats='exchanged_content', target='content'), weight=2.0),
                style=dict(difference, features=dict(feats='exchanged_style', target='partners_style'), weight=2.0),
            ),
        ),
        discriminator=dict(
            type=Criterion,
            losses=dict(
                real=dict(type=LeastSquaresLoss, target=1.0, feature=real, weight=2.0),
                fake=dict(type=LeastSquaresLoss, target=0.0, feature=exchanged, weight=2.0),
            ),
        ),
        reid=dict(
            type=Criterion,
            losses=dict(pixel=dict(type=SymmetricKLLoss, features=dict(feats='exchanged', target='real'), weight=0.02)),
        ),
    ),
    generator_only=['content', 'style'],
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, label_smoothing=0.1, feature='logits', weight=1.0),
            tri=dict(
                type=BatchHardTripletLoss, margin=0.3, blocks=[((0,), (1,)), ((1,), (0,))], feature='embed', weight=1.0
            ),
        ),
    ),
    flip_test=False,
)
