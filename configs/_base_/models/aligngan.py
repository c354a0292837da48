"""AlignGAN (Wang et al., ICCV 2019): visible images are drawn in infrared, and maps of drawn images pass for real ones.

The discriminator of infrared images also gets the network's map of the image. Besides drawn images and maps it refuses
the map of another person.
"""

from haresreid.models import (
    AbsoluteDifferenceLoss,
    BatchHardTripletLoss,
    BottleneckHead,
    ConditionalPatchDiscriminator,
    Criterion,
    EnlargingResNet,
    IDLoss,
    ImageTranslationGenerator,
    JointAlignmentVIReID,
    LeastSquaresLoss,
    PatchDiscriminator,
    RoleDataPreprocessor,
)

difference = dict(type=AbsoluteDifferenceLoss)
patches = dict(type=PatchDiscriminator)
# The released code adds the two directions, which are twice their mean.
triplet = dict(type=BatchHardTripletLoss, margin=1.0, metric='cosine', blocks=[((0,), (1,)), ((1,), (0,))])

model = dict(
    type=JointAlignmentVIReID,
    data_preprocessor=dict(type=RoleDataPreprocessor),
    generator=dict(type=ImageTranslationGenerator),
    discriminators=dict(
        visible=patches,
        infrared=dict(type=ConditionalPatchDiscriminator, feature_channels=2048),
        warmup_visible=patches,
        warmup_infrared=patches,
    ),
    backbone=dict(type=EnlargingResNet, depth=50, pretrained='torchvision://resnet50'),
    head=dict(type=BottleneckHead, in_channels=2048),
    image_criteria=dict(
        generator=dict(
            type=Criterion,
            losses=dict(
                adversarial=dict(type=LeastSquaresLoss, target=1.0, feature='exchanged_scores', weight=1.0),
                cycle=dict(difference, features=dict(feats='returned', target='images'), weight=10.0),
                reconstruction=dict(difference, features=dict(feats='reconstructed', target='images'), weight=5.0),
                pixel_tri=dict(triplet, feature='embedding', weight=0.2),
                # 0.1 for the drawn images, the one half of the rows; the other half does not train the generator
                pixel_id=dict(type=IDLoss, feature='logits', weight=0.2),
            ),
        ),
        discriminator=dict(
            type=Criterion,
            losses=dict(
                real=dict(type=LeastSquaresLoss, target=1.0, feature='real', weight=1.0),
                drawn_visible=dict(type=LeastSquaresLoss, target=0.0, feature='drawn_visible', weight=0.5),
                wrong_infrared=dict(type=LeastSquaresLoss, target=0.0, feature='wrong_infrared', weight=0.5),
            ),
        ),
        reid=dict(
            type=Criterion,
            losses=dict(maps=dict(type=LeastSquaresLoss, target=1.0, feature='drawn_maps', weight=0.1)),
        ),
    ),
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, feature='logits', weight=2.0), tri=dict(triplet, feature='embedding', weight=2.0)
        ),
    ),
    flip_test=False,
)
