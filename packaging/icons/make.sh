#!/bin/sh
# Makes the pictures that cannot be SVG from jamey.svg. Needs rsvg-convert and ImageMagick's convert.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for size in 16 24 32 48 64 256; do
    rsvg-convert --width "$size" --height "$size" --output "$work/$size.png" jamey.svg
done
cp "$work/256.png" jamey-256.png
convert "$work/16.png" "$work/24.png" "$work/32.png" "$work/48.png" "$work/64.png" "$work/256.png" jamey.ico
