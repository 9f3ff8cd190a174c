"""The verbs that summaries begin with, and their two forms: `Return ...` and `Returns ...`."""

from __future__ import annotations

_BASES = (
    "abort accept accumulate acquire activate add adjust advance align allocate allow analyse analyze append"
    " apply ask assemble assert assign attach authenticate await begin bind block broadcast build cache"
    " calculate call cancel cast change check choose clean clear clip clone close collapse collect combine"
    " commit compare compile complete compose compress compute concatenate configure confirm connect consume"
    " contain continue convert copy count create cut deactivate decide declare decode decompress decorate"
    " decrease decrypt define delegate delete deliver deny derive describe deserialize destroy detach detect"
    " determine disable discard disconnect dispatch display divide do download draw drop dump emit enable"
    " encode encrypt end enqueue ensure enter enumerate erase escape establish estimate evaluate examine"
    " exchange exclude execute exit expand expect expire export expose extend extract fail fetch fill filter"
    " finalize find finish fit flatten flip flush fold follow force format forward free gather generate get"
    " give group guard guess handle hash hide hold identify ignore import include increase increment index"
    " indicate infer initialize inject insert inspect install instantiate interpret intersect invalidate invert"
    " invoke issue iterate join keep launch leave let limit link list listen load locate lock log look lower"
    " make manage map mark match measure merge modify monitor mount move multiply name normalise normalize"
    " notify obtain offer omit open order override pack pad parse partition pass patch pause perform pick place"
    " plot poll pop populate post prepare prepend present preserve press prevent print process produce prompt"
    " propagate provide prune publish pull push put query queue quit quote raise randomize reach read rebuild"
    " receive recompute reconnect record recover reduce refer reformat refresh refuse register reject release"
    " reload remove rename render repeat replace reply report represent request require reserve reset resize"
    " resolve respond restart restore restrict resume retain retrieve retry return reveal reverse revert"
    " rewrite roll rotate round route run sample save say scale scan schedule score search seek select send"
    " separate serialize serve set share shift show shrink shuffle shut sign simplify simulate skip slice sleep"
    " solve sort specify split stack start stop store stream strip submit subscribe substitute subtract suggest"
    " sum supply suppress suspend swap switch sync synchronize take tell terminate test throttle toggle trace"
    " track train transfer transform translate traverse treat trigger trim truncate try turn undo unify"
    " uninstall unlock unpack unregister unsubscribe unwrap update upgrade upload use validate verify visit"
    " wait walk warn watch weigh wrap write yield zip"
)


def _third(verb: str) -> str:
    """`parse` -> `parses`, `match` -> `matches`, `copy` -> `copies`."""
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2] not in "aeou" else f"{verb}s"


FORMS = {verb: _third(verb) for verb in _BASES.split()} | {"be": "is", "have": "has", "quiz": "quizzes"}
"""The third person of each verb by its base form."""
BASES = {third: base for base, third in FORMS.items()}
"""The base form of each verb by its third person."""
