"""How long tests wait for what must come. Only a failure takes so long: on a busy machine a few seconds are soon gone."""

PATIENCE_S = 60.0
