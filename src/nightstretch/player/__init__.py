"""From PCM to ears: a pure state machine that is pulled for blocks, the keys, and the outputs."""
