"""The daemon: watches work trees, queues what is marked for ocode, and does one job at a time."""
