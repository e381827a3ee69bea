"""The words the stand-in newspaper is written with. People, bodies and events are invented; cities are only names on a map."""

from __future__ import annotations

from typing import Final

FIRST: Final = (
    "Selin",
    "Kerem",
    "Lale",
    "Orhan",
    "Defne",
    "Tolga",
    "Ayşenur",
    "Barış",
    "Çiğdem",
    "İlkay",
    "Şebnem",
    "Gökhan",
    "Ülkü",
    "Nihan",
    "Irmak",
    "Ömür",
    "Marta",
    "Jonas",
    "Odette",
    "Rashid",
    "Ingrid",
    "Pavel",
    "Noor",
    "Callum",
    "Beatriz",
    "Yusuf",
    "Hana",
    "Tobias",
    "Amara",
    "Stellan",
)
LAST: Final = (
    "Karadağ",
    "Aydoğmuş",
    "Tezcanlı",
    "Gündoğar",
    "Yıldıran",
    "Öztekbaş",
    "Çakırgöz",
    "Şahinoğulları",
    "Işıklar",
    "Uzunköprülü",
    "Dişliova",
    "Ilgazlı",
    "Varnholt",
    "Okonjaré",
    "Lindqvarn",
    "Petrosk",
    "Almeyra",
    "Haddarin",
    "Brennick",
    "Castellano-Ruiz",
    "O'Farrow",
    "Mirzalan",
    "Duvalle",
    "Thornbeck",
)
COLUMNISTS: Final = (
    "Selin Karadağ", "Orhan Tezcanlı", "İlkay Işıklar", "Marta Varnholt", "Barış Gündoğar", "Şebnem Uzunköprülü",
    "Jonas Brennick", "Çiğdem Öztekbaş", "Rashid Haddarin", "Gökhan Dişliova",
)  # fmt: skip
OFFICES: Final = (
    "Deputy Trade Minister", "Foreign Ministry spokesperson", "provincial governor", "opposition lawmaker", "harbor commissioner",
    "senior envoy", "Transport Minister", "chief economist", "city council member", "head of the delegation", "committee chair",
    "union representative",
)  # fmt: skip
CITIES: Final = (
    "Ankara", "Istanbul", "İzmir", "Şanlıurfa", "Diyarbakır", "Trabzon", "Konya", "Eskişehir", "Muğla", "Kars", "Athens", "Berlin",
    "Brussels", "Cairo", "Doha", "Geneva", "Baku", "Sarajevo", "Skopje", "Tbilisi", "Tunis", "Vienna", "Warsaw", "Lisbon", "Nairobi",
    "Jakarta", "Tokyo", "New York", "Mexico City", "Buenos Aires", "Damascus", "Amman", "Rabat", "Dakar", "Oslo", "Madrid",
)  # fmt: skip
BODIES: Final = (
    "the Northern Straits Forum", "the Anatolian Watershed Institute", "the Council of Inland Ports", "the Bosporus Policy Circle",
    "the Levant Relief Union", "the Civic Ledger Foundation", "the Open Harbors Alliance", "the Steppe Energy Board",
    "the Mediterranean Wardens", "the Institute for Quiet Diplomacy", "the Federation of Night Trains", "the Two Seas Chamber",
)  # fmt: skip
THINGS: Final = {
    "politics": (
        "lighthouse tax bill", "harbor security pact", "village school reform", "judicial calendar plan", "ferry subsidy package",
        "border gate deal", "mosque restoration fund", "ballot design law", "coastal guard mandate", "diaspora registry",
        "provincial water charter", "archive opening decree", "consulate network plan", "rail safety inquiry",
    ),
    "world": (
        "river basin truce", "grain route talks", "island cease-fire", "refugee transit accord", "embassy reopening",
        "mountain pass blockade", "aid convoy dispute", "fishing zone standoff", "prisoner list exchange", "desert flood relief",
        "hostage mediation", "election rerun", "mine clearance mission", "airspace complaint",
    ),
    "business": (
        "hazelnut futures", "battery plant project", "lira deposit scheme", "container terminal sale", "olive oil quota",
        "solar panel tariff", "drone parts order", "hotel tax cut", "gas storage contract", "startup visa program",
        "textile export drive", "rail freight merger", "bond auction", "electric bus tender",
    ),
    "lifestyle": (
        "sourdough festival", "thermal spring trail", "lavender harvest", "stork census", "quiet week campaign", "winter tea guide",
        "wool weaving revival", "night sky park", "walnut recipe archive", "bicycle pilgrimage", "sleep study", "mosaic workshop",
        "beekeeping school", "honey road",
    ),
    "arts": (
        "shadow puppet biennial", "lost film print", "oud concerto premiere", "ceramics retrospective", "street piano project",
        "poetry translation prize", "opera house reopening", "calligraphy exhibition", "documentary week", "museum night",
        "miniature painting show", "ballet residency", "theater exchange", "folk archive release",
    ),
    "sports": (
        "cup replay", "relegation derby", "coach search", "transfer saga", "marathon record bid", "stadium lease row",
        "doping appeal", "youth academy final", "rally stage", "wild card run", "playoff opener", "penalty drama", "indoor title",
        "wrestling final",
    ),
    "opinion": (
        "politics of patience", "price of silence", "map nobody reads", "lesson of the empty chair", "language of sanctions",
        "limits of mediation", "arithmetic of alliances", "memory of small towns", "end of easy money", "duty of neighbors",
        "myth of the neutral sea", "cost of certainty", "grammar of power", "long road to a charter",
    ),
}  # fmt: skip
VERBS: Final = (
    "welcomes", "rejects", "delays", "defends", "reviews", "pledges support for", "warns over", "hails", "questions", "revives",
    "seeks answers on", "steps back from",
)  # fmt: skip
HEADLINES: Final = {
    "politics": (
        "{last} {verb} {thing} in {city}", "{city} council {verb} {thing}, {last} says", "Türkiye’s {thing} enters {nth} round in {city}",
        "Parliament takes up {thing} after {city} appeal", "{n} officials questioned over {thing} in {city}",
    ),
    "world": (
        "{city} {verb} {thing} as {city2} watches", "{n} displaced as {thing} falters near {city}", "{last}: {thing} is 'last chance' for {city}",
        "UN envoy {last} {verb} {thing}", "{city}, {city2} resume {thing} after {n} days",
    ),
    "business": (
        "{city} firms see {pct}% rise on {thing}", "{thing_c} draws ${n}M to {city}", "{last} {verb} {thing} & new tariffs",
        "Exports from {city} climb as {thing} takes hold", "Central bank {verb} {thing}: {last}",
    ),
    "lifestyle": (
        "{city}’s {thing} draws {n} visitors", "{n} reasons to follow the {thing} to {city}", "Inside {city}’s {thing} with {p}",
        '"Slow down": {city} turns to {thing}', "{thing_c} brings {city}, {city2} together",
    ),
    "arts": (
        "{thing_c} opens in {city} with {p}", "{p} brings {thing} to {city}", "“{thing_c}” & other stories from {city}",
        "{city} hosts {nth} {thing}", "Portrait: {p} and the {thing} of {city}",
    ),
    "sports": (
        "{city} edge {city2} in {thing}", "{last} shines as {city} win {thing}", "{thing_c}: {city} side hit by {n}-day ban",
        "{p} eyes {thing} in {city}", "{city} fans await {thing} after {nth} delay",
    ),
    "opinion": (
        "{city} and the {thing}", "The {thing}: What {city} tells us", "Why {last}’s {thing} matters", "Beyond {city}: The {thing}",
        '"{thing_c}" revisited in {city}',
    ),
}  # fmt: skip
RECURRING: Final = (
    "News in brief: What happened this week", "Photo of the day", "Letters from our readers", "Markets at a glance",
    "Weekend guide: Where to go & what to see", "What to know before the season opens",
)  # fmt: skip
SUBHEADINGS: Final = (
    "A long dispute", "What comes next", "‘No other way’", "Numbers behind the plan", "Voices from {city}", "Pressure grows",
    "Background: {thing}", "Reaction abroad", "The road to {city2}", "Costs & benefits",
)  # fmt: skip
POINTS: Final = (
    "A joint office in {city} within {n} days", "Public accounts for every {thing}", "Free passage between {city} and {city2}",
    "A hotline run by {body}", "An independent review headed by {p}", "Compensation for {n} families",
)  # fmt: skip
SITE_KEYWORDS: Final = (
    "news",
    "turkey news",
    "daily news",
    "politics",
    "economy",
    "breaking news",
    "newspaper",
    "istanbul",
    "world",
)
"""Keywords some pages give for the whole site."""
