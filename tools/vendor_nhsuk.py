"""Copy the NHS.UK design system into `scrt_workflow/static/nhsuk/`, so that the service serves all of a page itself.

Run by hand when the version changes: `python tools/vendor_nhsuk.py`. It needs `npm`, which fetches the package from the
registry that it is set up to use; the archive's SHA-512 is checked before anything is unpacked. Nothing is built.

Changed on the way in: the `@font-face` rules go (Frutiger comes from assets.nhs.uk, which the content security policy
does not allow, and its licence covers nhs.uk sites only; Arial follows in the font list), `/assets/` paths become
relative, and the links to source maps go. The version goes with `nhsuk-frontend-jinja` in `pyproject.toml`: a pair.
"""

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "10.6.1"
SHA512 = "PZorqQZjZx/A26yJoskCL9z0ib6AtkAyF0o4K/RHr8zRrJyXrUOCnMbjy0VNXsGO4tfTNMwqlkwATKs4a0xayw=="
TARGET = Path(__file__).parent.parent / "scrt_workflow" / "static" / "nhsuk"
LICENCE = """\
NHS.UK frontend {version} (npm package nhsuk-frontend), by NHS England: https://github.com/nhsuk/nhsuk-frontend
The package carries no licence file; its package.json says MIT, and this is the licence in its repository.

MIT License

Copyright (c) 2019 NHS.UK

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def fetch(folder: Path) -> Path:
    """Download the package into *folder* and unpack it; raises SystemExit when the archive is not the one we know."""
    subprocess.run(["npm", "pack", "--silent", f"nhsuk-frontend@{VERSION}"], cwd=folder, check=True, stdout=sys.stderr)
    archive = folder / f"nhsuk-frontend-{VERSION}.tgz"
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != SHA512:
        raise SystemExit(f"{archive.name} has SHA-512 {found}, not {SHA512}: nothing was changed.")
    with tarfile.open(archive) as package:
        package.extractall(folder, filter="data")
    return folder / "package" / "dist" / "nhsuk"


def stylesheet(text: str) -> str:
    """Give the stylesheet without web fonts and source map, its images found beside it."""
    text = re.sub(r"@font-face\{[^}]*\}", "", text).replace("url(/assets/images/", "url(images/")
    return re.sub(r"/\*# sourceMappingURL=\S+ \*/", "", text)


def script(text: str) -> str:
    """Give the script without the link to its source map."""
    return re.sub(r"//# sourceMappingURL=\S+", "", text)


def vendor(source: Path, target: Path) -> None:
    """Replace *target* with what a page needs from the unpacked package *source*."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source / "assets" / "images", target / "images", ignore=shutil.ignore_patterns("*opengraph*"))
    shutil.copy(source / "assets" / "manifest.json", target)
    for kind, cleaned in (("css", stylesheet), ("js", script)):
        name = f"nhsuk-frontend-{VERSION}.min.{kind}"
        (target / name).write_text(cleaned((source / name).read_text("utf-8")), "utf-8")
    (target / "LICENCE.txt").write_text(LICENCE.format(version=VERSION), "utf-8")


def main() -> None:
    """Fetch, check, clean and copy."""
    with tempfile.TemporaryDirectory() as folder:
        vendor(fetch(Path(folder)), TARGET)
    size = sum(path.stat().st_size for path in TARGET.rglob("*") if path.is_file())
    print(f"NHS.UK frontend {VERSION}: {size // 1024} KB in {TARGET.name}/")


if __name__ == "__main__":
    main()
