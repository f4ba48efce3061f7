"""The table of runs as a grid: its columns, and a script that is loaded only where the table is shown."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag

SCRIPT = "dash_ag_grid/dash_ag_grid.min.js"  # below Dash's address of scripts

# 1.3 MB that only this table needs: the page asks for them itself (assets/runs.js), so that no other page waits for them.
for _file in dag._js_dist:
    if _file["relative_package_path"] == "dash_ag_grid.min.js":
        _file["dynamic"] = True


def grid() -> dag.AgGrid:
    """An empty table; the browser fills it, and keeps its own order, filters and widths."""
    return dag.AgGrid(
        id="runs-grid",
        columnDefs=columns(),
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "filter": True,
            "suppressHeaderMenuButton": False,
            "wrapHeaderText": False,
        },
        rowData=[],
        getRowId="params.data.id",
        columnSize=None,
        enableEnterpriseModules=False,
        dashGridOptions={
            "theme": {"function": "runsTheme(themeQuartz)"},
            "rowSelection": {
                "mode": "multiRow",
                "checkboxes": True,
                "headerCheckbox": True,
                "selectAll": "filtered",
                "enableClickSelection": False,
            },
            "selectionColumnDef": {"pinned": "left", "width": 44, "suppressHeaderMenuButton": True},
            # Until the titles are as narrow as a phone needs them, the boxes beside them would lose their place.
            "processUnpinnedColumns": {"function": "runsUnpinned()"},
            "rowHeight": 40,
            "headerHeight": 38,
            "animateRows": False,
            "suppressDragLeaveHidesColumns": True,
            "enableCellTextSelection": True,
            "singleClickEdit": False,
            "stopEditingWhenCellsLoseFocus": True,
            "suppressClickEdit": True,
            "tooltipShowDelay": 400,
            "localeText": {"noRowsToShow": "No run matches."},
            "loading": False,
        },
        className="runs-grid",
        style={"height": "100%", "width": "100%"},
    )


def columns() -> list[dict[str, Any]]:
    """What the table tells of a run."""
    return [
        {
            "field": "title",
            "headerName": "Run",
            "pinned": "left",
            "width": 240,
            "minWidth": 130,
            "editable": {"function": "!params.data.members"},
            "cellRenderer": "RunTitle",
            "cellEditorParams": {"maxLength": 80},
            "suppressKeyboardEvent": {"function": "runsKeys(params)"},
            "cellClass": "run-title-cell",
        },
        {"field": "state_word", "headerName": "State", "width": 150, "cellRenderer": "RunState"},
        {"field": "name", "headerName": "Preset", "width": 150, "tooltipField": "name"},
        _number("n", "N", 78, "Neurons", formatted="runsCount(params.value)"),
        _number(
            "frac_exc", "E share", 92, "Share of excitatory neurons; mixed where neurons send both signs", "runsShare(params)"
        ),
        {**_number("seed", "Seed", 84, "Seed of the run; behind a slash that of its targets"), "cellRenderer": "RunSeeds"},
        _number("best", "Best r", 88, "Correlation in the best loop", "runsR(params, 'best')"),
        _number("last", "Last r", 88, "Correlation in the last loop", "runsR(params, 'last')"),
        _number("test", "Test r", 88, "Mean correlation of the test trials", "runsR(params, 'test')"),
        _number("rate_hz", "Rate (Hz)", 102, "Population rate of the last loop or test trial", "runsHz(params)"),
        {
            **_number("seq", "Age", 112, "Since it was launched", "runsAge(params.data.created)"),
            "filter": False,
            "sort": "desc",
            "sortingOrder": ["desc", "asc"],
        },
    ]


def _number(field: str, header: str, width: int, about: str, formatted: str = "") -> dict[str, Any]:
    told = {
        "field": field,
        "headerName": header,
        "headerTooltip": about,
        "width": width,
        "type": "rightAligned",
        "filter": "agNumberColumnFilter",
        "cellClass": "ag-right-aligned-cell num",
    }
    return {**told, "valueFormatter": {"function": formatted}} if formatted else told
