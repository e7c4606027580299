"""Between what values real products lie, by domain; and where that is known from.

A band is as wide as products of the domain differ, so that it holds all of them; what no product shows lies outside.
None: the question says nothing of this domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Band = tuple[float, float]

DOMAINS: Mapping[str, str] = {
    "media": "watching, listening, reading and communities around it",
    "shop": "buying things",
    "saas": "working with software",
    "health": "apps for health and well-being",
    "mail": "mail of businesses, and the answers to it",
}

SOURCES: Mapping[str, str] = {
    "adjust": "retention by days after installation: the yearly benchmarks of Adjust, AppsFlyer and Mixpanel",
    "aledavood": "Aledavood et al. 2015, Daily rhythms in mobile telephone communication, PLoS ONE 10(9)",
    "ana": "ANA/DMA Response Rate Report, direct mail by industry and kind of list",
    "barabasi": "Barabási 2005, The origin of bursts and heavy tails in human dynamics, Nature 435",
    "baumel": "Baumel et al. 2019, Objective user engagement with mental health apps, JMIR 21(9)",
    "brown": "Brown et al. 2005, Statistical analysis of a telephone call center, JASA 100: log-normal service times",
    "broder": "Broder 1997, On the resemblance and containment of documents",
    "cha": "Cha et al. 2007, I tube, you tube, everybody tubes, IMC",
    "clock": "resolution: PostgreSQL's now() has µs, so that of a thousand moments hardly one is a whole second",
    "downey": "Downey 2005, Lognormal and Pareto distributions in the Internet, Computer Communications 28",
    "ehrenberg": "Ehrenberg 1988, Repeat-Buying: the negative binomial law of purchases",
    "fader": "Fader and Hardie 2007, How to project customer retention, Journal of Interactive Marketing 21(1)",
    "goh": "Goh and Barabási 2008, Burstiness and memory in complex systems, EPL 81",
    "hu": "Hu, Pavlou and Zhang 2009, Overcoming the J-shaped distribution of product reviews, CACM 52(10)",
    "jindal": "Jindal and Liu 2008, Opinion spam and analysis, WSDM: duplicates among reviews",
    "kim": "Kim and Jo 2016, Measuring burstiness for finite event sequences, Physical Review E 94",
    "linden": "Linden, Smith and York 2003, Item-to-item collaborative filtering, IEEE Internet Computing 7(1)",
    "liu": "Liu, White and Dumais 2010, Understanding web browsing behaviors through Weibull analysis of dwell time, "
    "SIGIR",
    "mailchimp": "Mailchimp, e-mail marketing benchmarks by industry",
    "movielens": "Harper and Konstan 2015, The MovieLens datasets, ACM TiiS 5(4)",
    "netflix": "Koren, Bell and Volinsky 2009, Matrix factorization techniques (Netflix Prize: effects of users and "
    "items)",
    "ours": "a target of this project, stricter than products are: short answers repeat in any chat",
    "stickiness": "DAU/MAU as public companies report it, and Mixpanel's benchmarks by industry",
    "unique": "Narayanan and Shmatikov 2008, Robust de-anonymization (Netflix); de Montjoye et al. 2013, Unique in "
    "the crowd",
    "yasseri": "Yasseri, Sumi and Kertész 2012, Circadian patterns of Wikipedia editorial activity, PLoS ONE 7(1)",
    "yu": "Yu et al. 2006, Understanding user behavior in large-scale video-on-demand systems, EuroSys",
}


@dataclass(frozen=True, slots=True)
class Bands:
    """What a metric is in real products, by domain. sources: keys of `SOURCES`."""

    media: Band | None
    shop: Band | None
    saas: Band | None
    health: Band | None
    mail: Band | None
    sources: tuple[str, ...]

    def of(self, domain: str) -> Band | None:
        """The band of a domain."""
        band: Band | None = getattr(self, domain)
        return band


def _all(low: float, high: float, *sources: str) -> Bands:
    return Bands(*((low, high),) * 5, sources=sources)


BANDS: Mapping[str, Bands] = {
    "gini": Bands((0.40, 0.88), (0.15, 0.80), (0.35, 0.88), (0.40, 0.90), (0.02, 0.70), ("ehrenberg", "yasseri", "yu")),
    "top_tenth": Bands((0.25, 0.80), (0.16, 0.75), (0.24, 0.80), (0.26, 0.85), (0.11, 0.65), ("ehrenberg", "yasseri")),
    "single_visit": Bands((0.02, 0.60), (0.20, 0.90), (0.02, 0.50), (0.04, 0.65), (0.15, 0.98), ("ehrenberg",
    "baumel")),
    "burstiness_person": Bands((0.02, 0.75), (0.00, 0.85), (0.05, 0.85), (0.00, 0.75), (0.0, 0.90), ("goh", "kim")),
    "burstiness_visits": Bands((0.15, 0.88), (0.10, 0.90), (0.15, 0.92), (0.15, 0.90), (0.10, 0.95), ("goh",
    "barabasi")),
    "memory": _all(-0.12, 0.55, "goh"),
    "hour_peak": Bands((0.055, 0.17), (0.055, 0.15), (0.07, 0.20), (0.055, 0.20), (0.06, 0.25), ("yu", "aledavood")),
    "night": Bands((0.01, 0.12), (0.005, 0.09), (0.0, 0.07), (0.004, 0.10), (0.0, 0.08), ("yasseri", "aledavood",
    "yu")),
    "hour_entropy": Bands((0.84, 0.977), (0.82, 0.975), (0.70, 0.955), (0.80, 0.975), (0.65, 0.96), ("yasseri", "yu")),
    "same_minute": Bands((0.0, 0.010), (0.0, 0.010), (0.0, 0.015), (0.0, 0.030), (0.0, 0.030), ("yu", "aledavood")),
    "weekend": Bands((0.95, 1.90), (0.70, 1.40), (0.08, 0.75), (0.65, 1.25), (0.03, 0.85), ("yu", "yasseri",
    "mailchimp")),
    "weekday_spread": Bands((0.02, 0.45), (0.02, 0.45), (0.10, 1.0), (0.02, 0.45), (0.08, 1.2), ("yasseri", "yu")),
    "day_correlation": Bands((0.10, 0.97), (0.05, 0.97), (0.05, 0.97), (0.10, 0.97), (-0.15, 0.97), ("yasseri", "yu")),
    "day_variation": Bands((0.03, 0.80), (0.04, 0.90), (0.08, 1.1), (0.03, 0.60), (0.08, 2.0), ("yasseri", "yu")),
    "stickiness": Bands((0.06, 0.60), (0.03, 0.25), (0.08, 0.65), (0.05, 0.45), (0.03, 0.30), ("stickiness",)),
    "return_1": Bands((0.12, 0.70), (0.02, 0.35), (0.12, 0.70), (0.10, 0.60), None, ("adjust", "baumel")),
    "return_7": Bands((0.06, 0.50), (0.01, 0.25), (0.06, 0.60), (0.03, 0.40), None, ("adjust", "baumel")),
    "return_30": Bands((0.02, 0.42), (0.004, 0.18), (0.04, 0.55), (0.01, 0.30), None, ("adjust", "baumel")),
    "flattening": Bands((0.05, 0.92), (0.05, 0.95), (0.05, 0.92), (0.05, 0.95), None, ("fader",)),
    "item_top_tenth": Bands((0.28, 0.95), (0.25, 0.92), (0.20, 0.92), (0.18, 0.90), None, ("cha", "yu")),
    "item_top_hundredth": Bands((0.04, 0.65), (0.03, 0.55), (0.03, 0.65), (0.02, 0.50), None, ("cha", "yu")),
    "zipf": Bands((0.40, 1.7), (0.30, 1.6), (0.30, 2.2), (0.25, 1.7), None, ("cha", "yu")),
    "size_shape": _all(0.0, 1.0, "downey", "liu", "brown"),
    "size_spread": Bands((0.55, 2.4), (0.40, 2.0), (0.55, 2.4), (0.45, 2.0), (0.30, 2.2), ("downey", "liu")),
    "size_tail": Bands((5, 5_000), (5, 5_000), (5, 5_000), (4, 2_000), (3, 5_000), ("downey", "liu")),
    "rating_people": _all(0.20, 1.2, "movielens", "netflix"),
    "rating_items": _all(0.12, 1.2, "movielens", "netflix"),
    "rating_commonest": _all(0.20, 0.85, "hu", "movielens"),
    "campaign_spread": _all(0.15, 1.8, "ana", "mailchimp"),
    "hour_habit": _all(0.04, 0.75, "aledavood"),
    "size_habit": _all(0.02, 0.75, "liu", "unique"),
    "lift": Bands((1.25, 60), (1.15, 400), (1.10, 60), (1.08, 60), None, ("linden", "netflix")),
    "same_size": _all(0.0, 0.10, "downey", "liu"),
    "text_repeated": _all(0.0, 0.02, "ours", "jindal"),
    "text_near": _all(0.0, 0.05, "broder", "jindal"),
    "text_sentence": _all(0.0, 0.005, "ours"),
    "equal_gaps": _all(0.0, 0.04, "barabasi"),
    "whole_seconds": _all(0.0, 0.03, "clock"),
    "same_offset": _all(0.0, 0.03, "barabasi", "clock"),
    "interchangeable": _all(0.0, 0.60, "unique", "aledavood"),
}  # fmt: skip
