"""Articles to draft routines from: the one this program began with, and others in many shapes."""

from typing import Final

SEED: Final = """\
Stretches For Back Pain

Soothe Your Aching Back: Unwind with Our Nightly Stretch Routine for Pain Relief

Embracing middle age often means grappling with new challenges, and one of the most common is persistent back pain. For those in their 40s and beyond, finding effective ways to alleviate back discomfort is paramount. A targeted bedtime stretch routine can be a powerful ally. Incorporating stretches for back pain not only improves flexibility and posture, but also provides much-needed relief for your aching back. Check out our bedtime stretch routine, designed especially for those dealing with back pain, and discover a pathway to comfort and relaxation.

Stretches For Back Pain: Exercise 1

Mindful Breathing and Body Awareness (5 minutes)

Start in a peaceful space, eyes closed, and focus on mindful breathing. Inhale calm, hold briefly, and exhale tension. Engage in a body scan, mentally assessing your back\u2019s condition. As you breathe, visualize your back muscles relaxing and releasing the stress. This combination grounds your body and mind, preparing for deep relaxation.

Stretches For Back Pain: Exercise 2

Neck and Shoulder Tension Release (3 minutes)

  \u2022 Neck Stretches: Gently tilt your head from side to side and then forward and backward, exploring the range of motion. These gentle stretches ease neck tension, which often contributes to back pain.
  \u2022 Shoulder Rolls: Roll your shoulders backward and then forward in a circular motion. Feel the knots and tension dissipate with each rotation. This exercise targets upper back muscles, promoting relaxation.

Stretches For Back Pain: Exercise 3

Spinal Decompression (2 minutes)

  \u2022 Seated Spinal Twist: Sit cross-legged. Inhale deeply, lengthening your spine. As you exhale, twist gently, placing one hand on the opposite knee. Hold and breathe deeply. This twist decompresses the spine, providing relief for the lower back.

Stretches For Back Pain: Exercise 4

Hip and Lower Back Liberation (3 minutes)

  \u2022 Child\u2019s Pose: Kneel and sit back on your heels, extending your arms forward. Feel your lower back stretch as you relax into the pose. This stretch targets the lower back, offering gentle relief.
  \u2022 Pigeon Pose: From a seated position, bend one leg and extend the other behind you. Lean forward, feeling the stretch in your hips and lower back. Switch sides. This stretch specifically targets the hips and lower back, releasing built-up tension.

Stretches For Back Pain: Exercise 5

Leg and Calf Tension Alleviation (2 minutes)

  \u2022 Hamstring Stretch: Sit with one leg straight, reaching toward your toes. Feel the stretch along the back of your thigh. Switch sides. This stretch eases tension in the hamstrings, indirectly benefiting the lower back.
  \u2022 Calf Stretch: Stand facing a wall, one foot forward and one back. Bend your front knee, keeping your back leg straight. Sense the stretch in your calf. Switch sides. This stretch alleviates calf tension, which can affect lower back comfort.


Incorporating this bedtime stretch routine into your nightly ritual can be a game-changer for your back pain. Consistency is key. Regular practice promises reduced back discomfort, improved flexibility, and a sense of relief.

Note: Prior to beginning any new exercise regimen, especially if dealing with persistent pain, consulting a healthcare professional or a physical therapist is advisable.
"""  # noqa: E501 - as it was given

MARKDOWN: Final = """\
# Gentle Moves for Sleep

You will need a mat (or a thick towel). Read our [guide](https://example.com/guide) first.

## Why it works

Slow movement calms the nervous system.

## 1. Cat and Cow (2\u20133 minutes)

- Start on all fours.
- Inhale and arch your back.
- Exhale and round your spine.
- Repeat 8-10 times.

**Tip:** keep your elbows soft.

## 2. Knee to Chest (90 seconds)

Lie on your back. Hug your right knee to your chest. Hold for 20-30 seconds, then switch sides.

## 3. Box Breathing \u2013 4 min

Inhale for 4 seconds, hold for 4 seconds, exhale for 4 seconds. Repeat for 10 rounds.

### Benefits

- Calms the mind

## 4. Legs Up the Wall

Scoot close to a wall and swing your legs up. Stay here for 2 minutes.

## Conclusion

Do this routine every night. If you have an injury, ask your doctor first.
"""

BARE: Final = """\
Evening Neck Relief

Try this before bed.

Exercise 1: Neck Rolls
Duration: 2 minutes
Sit tall on a chair. Drop your chin to your chest and roll your head slowly from side to side.

Exercise 2: Shoulder Shrugs
1 minute
Lift your shoulders up to your ears, hold for 5 seconds, and let them drop. Do this 10 times.

Exercise 3
Forward Fold (30 seconds per side)
Stand and cross one foot over the other. Fold forward. Repeat on the other side.
"""

NUMBERED: Final = """\
5 Bedtime Stretches

1. Neck stretch (3 minutes): Tilt your head to the right and hold for 30 seconds. Repeat on the other side.
2) Butterfly (2 minutes): Sit with the soles of your feet together. Lean forward gently and breathe deeply.
3. Child\u2019s pose (1 min): Kneel, and fold forward. Stay here for ten slow breaths.

Sleep well!
"""

WITHOUT_LENGTHS: Final = """\
**Morning moves**

**Cat stretch**

Kneel on all fours. Arch your back up and down.

**Corpse pose**

Lie on your back, and do a body scan.
"""

LIST: Final = """\
Quick stretches for a stiff back
- Knee hugs: Lie down and hug both knees. Rock from side to side.
* Bridge: Press your hips up, hold briefly, lower. Repeat 10 times.
\u2013 Twist: Drop both knees to one side; look the other way. Switch sides.
"""

WITH_A_CHOICE: Final = """\
Hips before bed (5 minutes)

- Figure four: Lie on your back, and cross one ankle over the other thigh. Hold for 30 seconds. Switch sides.
  Many people sit all day, and this is where they feel it.
- Happy baby: If you have time, bend your knees and take hold of your feet. Rock from side to side.
- Pigeon pose (optional): Come onto all fours. Bring one knee forward. Breathe deeply. Switch sides.
  This stretch reaches deep into the hip.
"""

ALL: Final = {
    "seed": SEED,
    "markdown": MARKDOWN,
    "bare": BARE,
    "numbered": NUMBERED,
    "without lengths": WITHOUT_LENGTHS,
    "list": LIST,
    "with a choice": WITH_A_CHOICE,
}
