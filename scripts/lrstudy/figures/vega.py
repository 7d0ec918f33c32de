"""The JavaScript that pages draw their charts with."""

import functools

import vl_convert


@functools.cache
def script() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script, whose own names stay its own.

    Putting it together takes longer than a page: pages share one.
    """
    return f"(()=>{{{vl_convert.javascript_bundle('window.vegaEmbed = vegaEmbed;')}\n}})();"
