#!/bin/bash
# inside.sh COMMAND…: runs COMMAND where containers, their networks and their ports are nobody else's: namespaces of their own for network,
# processes and mounts, which end with it and take everything along that was started in them. Called by test_containers.py
# inside the wrapper that makes podman work without an engine.
set -eu
ip link set lo up
# All that podman remembers outside its storage: with /run/libpod or its locks of before it takes the containers of a run that was
# killed for running, asks for their networks, and lists nothing.
mkdir -p /run/netns /run/containers /run/with-containers /run/libpod
for folder in /run/netns /run/containers /run/with-containers /run/libpod /dev/shm; do mount -t tmpfs tmpfs "$folder"; done
# What an earlier run that was killed has left in the storage.
podman ps --all --quiet --filter label=io.podman.compose.project=onsale-test | xargs -r podman rm --force --volumes >/dev/null 2>&1 || true
podman network rm --force onsale-test_office onsale-test_world >/dev/null 2>&1 || true
for volume in redis mariadb kafka prometheus grafana; do podman volume rm --force "onsale-test_$volume" >/dev/null 2>&1 || true; done
exec "$@"
