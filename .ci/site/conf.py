"""How Sphinx builds the site from what `gather` wrote."""

from importlib.metadata import version as version_of

from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

project = "cxanalysis"
version = release = version_of("cxanalysis")
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"cxanalysis {version}"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = html_show_sphinx = False

nb_execution_mode = "off"  # outputs are kept in the notebooks, and compared by make test
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # which would come from elsewhere
nb_merge_streams = True
myst_heading_anchors = 3
highlight_language = "text"

autosummary_generate = False
autodoc_typehints = "none"  # signatures are long enough; the text says what a value means
napoleon_google_docstring = False
napoleon_use_rtype = False
default_role = "py:obj"
# A name in backticks must be there; types of other libraries have no page here.
nitpicky = True
nitpick_ignore_regex = [("py:class", ".*")]


def found_by_its_last_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: Element
) -> Element | None:
    """A link to what a docstring names as its own module does: ReportError, not with its path."""
    if node.get("refdomain") != "py" or node.get("refspecific"):
        return None
    node["refspecific"] = True
    found: Element | None = env.domains["py"].resolve_xref(
        env, node["refdoc"], app.builder, node["reftype"], node["reftarget"], node, content
    )
    return found


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("missing-reference", found_by_its_last_name)
