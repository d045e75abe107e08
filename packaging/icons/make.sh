#!/bin/sh
# Makes the pictures that cannot be SVG from jamey.svg: the program's icons, and the tray's, which carry a mark for
# how things stand. Needs rsvg-convert and ImageMagick's convert; the Mac's icon set needs python3.
set -eu
cd "$(dirname "$0")"
desktop=../../src-tauri/icons
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
draw() { # SVG SIZE FILE
    rsvg-convert --width "$2" --height "$2" --output "$3" "$1"
}
for size in 16 24 32 48 64 128 256 512; do
    draw jamey.svg "$size" "$work/$size.png"
done
cp "$work/256.png" jamey-256.png
convert "$work/16.png" "$work/24.png" "$work/32.png" "$work/48.png" "$work/64.png" "$work/256.png" jamey.ico
mkdir -p "$desktop/tray"
cp "$work/32.png" "$desktop/32x32.png"
cp "$work/128.png" "$desktop/128x128.png"
cp "$work/256.png" "$desktop/128x128@2x.png"
python3 - "$work" "$desktop/icon.icns" <<'PYTHON'
import struct, sys
work, target = sys.argv[1:]
parts = b""
for name, size in ((b"ic11", 32), (b"ic12", 64), (b"ic07", 128), (b"ic08", 256), (b"ic09", 512)):
    with open(f"{work}/{size}.png", "rb") as picture:
        data = picture.read()
    parts += name + struct.pack(">I", len(data) + 8) + data
with open(target, "wb") as icons:
    icons.write(b"icns" + struct.pack(">I", len(parts) + 8) + parts)
PYTHON
# A mark lies in the lower right corner on a ring of nothing, and differs in shape as well as in colour.
marked() { # NAME SVG-OF-THE-MARK
    {
        sed '/<\/svg>/d; s|<rect |<mask id="hole"><rect width="256" height="256" fill="#fff"/><circle cx="182" cy="182" r="86" fill="#000"/></mask><g mask="url(#hole)"><rect |' jamey.svg
        printf '</g>%s</svg>\n' "$2"
    } >"$work/$1.svg"
    draw "$work/$1.svg" 64 "$desktop/tray/$1.png"
}
draw jamey.svg 64 "$desktop/tray/idle.png"
marked working '<circle cx="182" cy="182" r="70" fill="#3d8fd6"/><path d="M146 182h1M182 182h1M218 182h1" stroke="#fff" stroke-width="28" stroke-linecap="round"/>'
marked needs-you '<circle cx="182" cy="182" r="70" fill="#f0a13c"/><path d="M182 144v44M182 220v1" stroke="#2a2622" stroke-width="26" stroke-linecap="round"/>'
marked trouble '<path d="M182 116l66 126h-132z" fill="#d64545" stroke="#d64545" stroke-width="20" stroke-linejoin="round"/><path d="M182 168v30M182 224v1" stroke="#fff" stroke-width="24" stroke-linecap="round"/>'
