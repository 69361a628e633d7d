"""The command line ``callside``: serve, demo, doctor, engine, and administration. Imports late, so that help is quick."""
