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
# Two dozen containers come and go, and where storage knows no layers each copies its whole root: minutes on a disk that others use
# too. With memory to spare what is written goes there, and is gone with the namespace.
storage=$(podman info --format '{{.Store.GraphRoot}}')
if [ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt 12000000 ]; then
  mkdir -p /run/containers/onsale
  mount -t tmpfs -o size=8g tmpfs /run/containers/onsale
  mkdir /run/containers/onsale/upper /run/containers/onsale/work
  mount -t overlay -o "lowerdir=$storage,upperdir=/run/containers/onsale/upper,workdir=/run/containers/onsale/work" overlay "$storage" ||
    echo "no overlay on $storage: on the disk then" >&2
fi
# What an earlier run that was killed has left in the storage.
podman ps --all --quiet --filter label=io.podman.compose.project=onsale-test | xargs -r podman rm --force --volumes >/dev/null 2>&1 || true
podman network rm --force onsale-test_office onsale-test_world >/dev/null 2>&1 || true
for volume in redis mariadb kafka prometheus grafana; do podman volume rm --force "onsale-test_$volume" >/dev/null 2>&1 || true; done
exec "$@"
