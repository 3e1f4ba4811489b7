"""Names that Debugger does not know: of rules and of collections, with what may have been meant."""

from specimen.spec.document import Document, Path
from specimen.spec.findings import Finding
from specimen.spec.rulebook import CUSTOM, built_in, collections, of_xgboost
from specimen.spec.words import closest, listed, shown

RULES: Path = ("debugger", "rules")
COLLECT: Path = ("debugger", "collect")


def unknown_rule(document: Document, path: Path, name: str) -> Finding:
    """A rule that is none of SageMaker's, or one that is for neural networks."""
    key = isinstance(path[-1], str)
    if name == CUSTOM:
        message, hint = "a rule of your own says where it is", "write {custom: {source: …, class: …, instance: …}}"
        return document.finding("unknown-rule", path, message, hint=hint, key=key)
    known = of_xgboost()
    by_aws_name = {rule.name: ours for ours, rule in built_in().items()}
    if by_aws_name.get(name, name) in built_in().keys() - set(known):
        message = f"`{name}` judges neural networks: of a training with XGBoost there is nothing for it to look at"
        return document.finding(
            "rule-of-networks", path, message, hint=f"for XGBoost there are {listed(known)}", key=key
        )
    guess = by_aws_name.get(name) or closest(name, known)
    hint = f"did you mean `{guess}`?" if guess else f"there are {listed(known)}, and `custom` for one of your own"
    return document.finding("unknown-rule", path, f"Debugger has no rule {shown(name, short=True)}", hint=hint, key=key)


def unknown_collection(document: Document, path: Path) -> Finding:
    """A collection that is none of XGBoost's, and says of no tensors that they belong to it."""
    name = str(path[-1])
    guess = closest(name, collections())
    others = f"there are {listed(collections())}; one of your own says `include_regex`"
    hint = f"did you mean `{guess}`?" if guess else others
    return document.finding("unknown-collection", path, f"XGBoost has no collection `{name}`", hint=hint, key=True)
