"""How styles and scripts are kept for pages: compressed, each with the hash of what is in it in its
name, so that browsers may keep them for ever."""

from __future__ import annotations

from servestatic.storage import CompressedManifestStaticFilesStorage


class Assets(CompressedManifestStaticFilesStorage):
    """Names in `import` of a script get their hash too: what it loads is of its own version."""

    support_js_module_import_aggregation = True
