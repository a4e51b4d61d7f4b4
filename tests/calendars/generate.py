#!/usr/bin/env python3
"""Public holidays of 2017-2031 from an independent library, for every calendar it knows.

    python3 -m venv venv && venv/bin/pip install holidays==0.109
    venv/bin/python generate.py > holidays.csv

Library: holidays 0.109 (PyPI, https://github.com/vacanza/holidays), and nothing else. Its `public` category, with the
observed (substitute) days as the library models them; every day is kept, weekends too. For the parts of Bavaria, Saxony
and Thuringia with a Catholic holiday its `catholic` category is added.
uk-any is the union of the four parts. us-federal is its country calendar without a state.
Left out: `none`, which has no days, and `eu-institutions`: neither `holidays` (it has the closing days of the ECB only,
another list) nor `workalendar` 17.0.0 knows the holidays of the institutions of the European Union.
"""
import csv
import sys
from importlib.metadata import version

import holidays

PINNED = "0.109"
YEARS = range(2017, 2032)

# calendar: [(country, subdivision, categories)]
SOURCES = {
    "be": [("BE", None, None)],
    "de": [("DE", None, None)],
    "de-by-augsburg": [("DE", "Augsburg", None)],
    "de-by-mariae-himmelfahrt": [("DE", "BY", ("public", "catholic"))],
    "de-sn-fronleichnam": [("DE", "SN", ("public", "catholic"))],
    "de-th-fronleichnam": [("DE", "TH", ("public", "catholic"))],
    "fr": [("FR", None, None)],
    "fr-alsace-moselle": [("FR", "6AE", None), ("FR", "57", None)],
    "ie": [("IE", None, None)],
    "nl": [("NL", None, None)],
    "uk-any": [("GB", p, None) for p in ("ENG", "WLS", "SCT", "NIR")],
    "uk-england-wales": [("GB", "ENG", None), ("GB", "WLS", None)],
    "uk-northern-ireland": [("GB", "NIR", None)],
    "uk-scotland": [("GB", "SCT", None)],
    "us-federal": [("US", None, None)],
}
for land in "BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH".split():
    SOURCES[f"de-{land.lower()}"] = [("DE", land, None)]


def main():
    if version("holidays") != PINNED:
        sys.exit(f"made with holidays {PINNED}, this is {version('holidays')}")
    rows = {}
    for calendar, sources in SOURCES.items():
        for country, subdivision, categories in sources:
            more = {} if categories is None else {"categories": categories}
            language = "en_GB" if country == "GB" else "en_US"
            found = holidays.country_holidays(country, subdiv=subdivision, years=YEARS, observed=True, language=language, **more)
            for date, name in found.items():
                if date.year in YEARS:
                    rows.setdefault((calendar, date.isoformat()), set()).update(name.split("; "))
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["calendar", "date", "name"])
    for (calendar, date), names in sorted(rows.items()):
        out.writerow([calendar, date, " / ".join(sorted(names))])


if __name__ == "__main__":
    main()
