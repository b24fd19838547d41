#!/bin/sh
# restore.sh BACKUP WAREHOUSE: lays a backup into a new folder; `liquidity restore` then makes the log of it.
set -eu
backup=$1
warehouse=$2
if [ -e "$warehouse/current" ] || [ -e "$warehouse/work" ]; then
    echo "$warehouse holds a warehouse already; name a new folder" >&2
    exit 1
fi
mkdir -p "$warehouse"
cp -a "$backup/generations" "$backup/journal" "$backup/payloads" "$warehouse/"
ln -s "generations/$(ls "$backup/generations")" "$warehouse/current"
echo "now: liquidity restore, with LIQUIDITY_HOME at the new folder"
