"""Names of the notes that say what lives. Whoever reads them (`restora status`) needs no living daemon."""

HEARTBEAT = "heartbeat:daemon"
DRILLS_HEARTBEAT = "heartbeat:drills"
