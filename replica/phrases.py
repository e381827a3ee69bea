"""Sentences with gaps, which stories are put together from."""

from __future__ import annotations

from typing import Final

OPENINGS: Final = (
    "{p}, {office}, said on {day} that the {thing} would be taken up again in {city} before the end of {month}.",
    "A dispute over the {thing} moved to {city} on {day}, where {body} called {n} delegates to an unplanned session.",
    "The {thing} that has occupied {city} for {n} days took another turn on {day}, according to {body}.",
    "{body_c} announced on {day} that {pct}% of the work on the {thing} in {city} was complete.",
    "Hundreds gathered in {city} late {day} as word spread that the {thing} had been put off for the {nth} time.",
)
SENTENCES: Final = (
    "“We have waited for this since {month} {year},” {last} told reporters outside the old customs house in {city}.",
    "The figure stood at {n} a year ago, a rise of {pct}%.",
    "Officials in {city2} declined to comment, but a person close to the talks said the mood was “better than the headlines.”",
    "{body_c} has published {n} pages of records on the matter since {year}.",
    "Residents interviewed near the harbor said they had heard little about the {thing} until this week.",
    "“Nobody in {city} believes that,” said {p2}, who runs a repair shop near the station.",
    "The proposal was first drafted in {month} {year}, shelved twice, and revived after an appeal by {body}.",
    "A second meeting is planned in {city2}, though no date has been set.",
    "Under the plan, {n} households would receive support, while another {n2} would be asked to wait.",
    "Experts warn that the {thing} alone will not be enough unless {city2} changes course.",
    "It was not immediately clear whether {last} would travel to {city2} for the signing.",
    "“It’s a question of trust – and of money,” {p2} said, adding that neither was in supply.",
    "A survey of {n2} people conducted by {body} found that {pct}% had changed their minds.",
    "The ceremony in {city}, attended by {n} guests, ended without the usual joint statement.",
    "Critics point to the winter of {year}, when a similar attempt collapsed within {n} hours.",
    "“There is no ‘plan B’ here,” {last} said in remarks carried by local radio.",
    "Work is due to begin on {month} {d}, {year}, and to last some {n} weeks.",
    "Türkiye’s position, {p2} noted, has been consistent: talk first, measure later.",
    "That is 3.5 times the average, and higher than in {city2}, Iğdır or Kütahya.",
    "The decision can be appealed, a court clerk in {city} confirmed.",
    "For many in the district of Küçükçeşme, the {thing} is less a slogan than a bill to be paid.",
    "An earlier version of the document, seen by reporters, put the cost at ${n} million (TL {n2} million).",
    "Neighbors described the days that followed as calm, almost dull.",
    "Since then, {body} has kept its distance, saying only that it was “following developments.”",
    "In {year}, {p2} was among the {n} volunteers who carried the first boxes to {city}.",
    "No one was hurt in the incident, the provincial office said.",
    "“Ask me again in {month},” {last} said with a smile.",
    "The announcement came {n} hours after {city2} had ruled out any change.",
    "Several of the {n} witnesses asked not to be named, citing the inquiry.",
    "At stake are some {n2} jobs, most of them in small workshops around {city}.",
)
CLOSINGS: Final = (
    "A final decision is expected by {month} {d}, {body} said.",
    "The next hearing on the {thing} will be held in {city2}.",
    "For now, {city} waits.",
    "“The rest,” {last} added, “is paperwork.”",
)
SHORT: Final = "The {thing} in {city} was postponed on {day}, {body} said, without giving a reason for the {nth} delay in {n} days."
MENTIONS: Final = {
    "update": "A note on the door read “Last Update: {mon} {d:02}, {year} {hour}:07 am” and had not been touched since, {p2} said.",
    "keywords": "The leaked file opened with the word KEYWORDS in capitals, followed by a list that {body} calls meaningless.",
    "date": "The letter, stamped {mon} {d:02}, {year} - {hour}:15 pm GMT+3 and posted in {city2}, reached the court late.",
    "by": "by the time the {thing} reached {city}, {last} had already left for {city2}.",
    "recommended": "A commission had RECOMMENDED {n} changes, of which the council in {city} adopted two.",
}
"""Paragraphs that look like what stands around a text: labels, dates, bylines."""
LAW: Final = (
    "Parliament on {day} opened debate on changes to the Law on the Protection of Personal Data No. 6698, known by its initials KVKK.",
    "{p}, {office}, said the law of 2016 needed clearer words on consent and on what is stored abroad.",
    "Websites that set cookies without asking would be fined under a new article of Law No. 6698, according to the draft seen in {city}.",
    "“People click on a cookie notice {n} times a month and read none,” {last} told the commission.",
    "{body_c} said that {pct}% of small firms in {city} had never appointed anyone to answer requests under the law.",
    "The commission will vote on {month} {d}; Law No. 6698 would then be sent back to the full assembly.",
)
"""A story about the law that the cookie notice names: all of it belongs to the body."""
KVKK_EN: Final = "This website sets cookies in line with the Law on the Protection of Personal Data No. 6698 (KVKK); please read our cookie notice to learn how your data is processed."
KVKK_TR: Final = "6698 sayılı Kişisel Verilerin Korunması Kanunu (KVKK) uyarınca hazırlanan aydınlatma metnimizi okumak ve sitemizde kullanılan çerezler hakkında bilgi almak için lütfen tıklayınız."
