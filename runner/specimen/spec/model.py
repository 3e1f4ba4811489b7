"""An experiment and a target, as the planner reads them: checked, with defaults filled in and units resolved.

No default stands here: they stand in the JSON Schemas, and are filled in when a document is loaded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
Scalar = int | float | str


@dataclass(frozen=True)
class Split:
    """Fractions of the rows; together they are 1."""

    train: float
    validation: float
    test: float
    seed: int
    stratify: bool


@dataclass(frozen=True)
class Balance:
    """What SMOTE makes equally frequent in the training part."""

    method: str
    facet: str | None  # the values of this column
    label: bool  # the label's classes
    cells: bool  # the label's classes within the facet's values
    neighbors: int


@dataclass(frozen=True)
class Dataset:
    """The table, and how it becomes three parts."""

    source: str | None  # a path relative to the spec's folder, or s3://; None where each part has a table of its own
    parts: Mapping[str, str] | None  # train, validation and test, each to its table
    format: str
    features: int | tuple[str, ...] | None  # how many there are, or their names, of a table that names none
    label: str
    drop: tuple[str, ...]
    categorical: tuple[str, ...]
    split: Split | None  # None: the source brings its parts
    impute: str | None
    balance: Balance | None
    encode: Mapping[str, str]  # column to onehot or ordinal
    shards: int  # files of the training part

    @property
    def sources(self) -> tuple[str, ...]:
        """Every table that is read."""
        return tuple(self.parts.values()) if self.parts else (self.source,) if self.source else ()


@dataclass(frozen=True)
class Resources:
    """What a job runs on."""

    instance: str
    count: int
    volume: int | None  # GiB; None for a batch transform, which has no disk size
    max_runtime: int | None  # seconds; None for a batch transform, which has no limit of its own
    max_wait: int | None  # seconds; a spot job when given
    max_pending: int | None = None  # seconds
    keep_alive: int | None = None  # seconds; a warm pool when given


@dataclass(frozen=True)
class Range:
    """Values of a hyperparameter to search: those from `least` to `most`, or the listed `values`."""

    type: str  # SageMaker's: Integer, Continuous or Categorical
    least: Scalar | None
    most: Scalar | None
    scale: str | None  # None: SageMaker decides
    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class Input:
    """How the training is given its parts, in SageMaker's words."""

    mode: str  # File, FastFile or Pipe
    compression: str | None  # Gzip


@dataclass(frozen=True)
class Training:
    """The training with SageMaker's XGBoost: one job, or with ranges as many as the tuning takes."""

    version: str
    hyperparameters: Mapping[str, Scalar]  # those with one value
    ranges: Mapping[str, Range]
    resources: Resources
    content_type: str  # csv, libsvm or parquet: what the training and the validation part are written in
    distribution: str  # replicated or sharded: what each of several instances gets of the training part
    input: Input
    checkpoints: bool
    environment: Mapping[str, str]
    retries: int | None  # after failures of SageMaker's own
    encrypt_traffic: bool  # between instances
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Completion:
    """When a search is content before all of its jobs have run."""

    target: float | None
    not_improving: int | None  # jobs in a row
    converged: bool


@dataclass(frozen=True)
class WarmStart:
    """Earlier tuning jobs that a search begins with, and how near to it they are, in SageMaker's words."""

    parents: tuple[str, ...]
    type: str


@dataclass(frozen=True)
class Tuning:
    """The search through the ranges of the hyperparameters."""

    metric: str
    goal: str  # maximize or minimize
    jobs: int
    parallel: int
    strategy: str
    early_stopping: bool
    completion: Completion | None
    warm_start: WarmStart | None
    seed: int | None
    max_runtime: int | None  # seconds, of the whole search


@dataclass(frozen=True)
class Actions:
    """What a rule does by itself when it finds an issue."""

    stop_training: bool
    email: str | None
    sms: str | None


@dataclass(frozen=True)
class CustomRule:
    """A rule of the user's own: a class in a file, and what it runs on."""

    source: str  # a path relative to the spec's folder, or s3://
    class_name: str
    instance: str
    volume: int | None  # GiB


@dataclass(frozen=True)
class Rule:
    """One of Debugger's rules; `parameters` are texts, as AWS takes them."""

    rule: str  # its name in the language
    name: str | None  # its name in the training job, where it has one of its own
    parameters: Mapping[str, str]
    other_trials: tuple[str, ...]  # S3 prefixes of other jobs' tensors
    actions: Actions | None
    on_issues: str  # fail, warn or ignore
    custom: CustomRule | None

    @property
    def stops(self) -> bool:
        """Whether it may stop the training."""
        asked = self.parameters.get("stop_training_on_fire") == "True"
        return asked or (self.actions is not None and self.actions.stop_training)


@dataclass(frozen=True)
class Profiler:
    """How the training's use of its instance is measured."""

    interval: int | None  # milliseconds; None: AWS decides
    on_issues: str


@dataclass(frozen=True)
class Debugger:
    """What is saved of the training as it goes on, and who judges it; parameters are texts, as AWS takes them."""

    collections: Mapping[str, Mapping[str, str]]
    hook: Mapping[str, str]
    rules: tuple[Rule, ...]
    profiler: Profiler | None


@dataclass(frozen=True)
class Facet:
    """A sensitive column: its sensitive values, or the bound above which values are sensitive."""

    column: str
    values: tuple[Scalar, ...] | None
    above: float | None


@dataclass(frozen=True)
class Bias:
    """What Clarify measures."""

    favorable: tuple[Scalar, ...] | None  # label values
    favorable_above: float | None  # or the bound above which a label is favorable
    facets: tuple[Facet, ...]
    group: str | None
    threshold: float
    resources: Resources


@dataclass(frozen=True)
class Dependence:
    """Whose partial dependence is computed, and at how many values of a continuous feature."""

    features: tuple[str, ...] | None  # None: the features that matter most
    grid: int


@dataclass(frozen=True)
class Explain:
    """What Clarify explains, and against which rows."""

    baseline: Json  # "median" or "mean", {"kmeans": k}, or rows of values
    samples: int
    aggregate: str
    use_logit: bool
    save_local: bool
    pdp: Dependence | None
    resources: Resources


@dataclass(frozen=True)
class Evaluate:
    """The batch transform of the test part."""

    resources: Resources
    strategy: str  # SageMaker's: MultiRecord or SingleRecord
    payload: int  # MB of a request at most
    concurrent: int | None  # requests at a time to an instance; None: the container says


@dataclass(frozen=True)
class Gate:
    """A bound on a metric (`test:auc`, `validation:logloss`) or on a bias metric of a facet.

    With `against` the bound is on the difference from another trial's.
    """

    metric: str | None
    bias: str | None
    facet: str | None
    minimum: float | None
    maximum: float | None
    against: str | None


@dataclass(frozen=True)
class Registry:
    """Where the model is registered."""

    group: str
    approval: str
    description: str | None


@dataclass(frozen=True)
class Trial:
    """One variant of the experiment, whole: every section as it holds for this trial."""

    name: str
    dataset: Dataset
    training: Training
    tuning: Tuning | None  # None exactly where no hyperparameter has a range
    debugger: Debugger | None
    bias: Bias | None
    explain: Explain | None
    evaluate: Evaluate | None
    gates: tuple[Gate, ...]
    registry: Registry | None


@dataclass(frozen=True)
class Select:
    """By which metric the better trial is told, and whether it is to be large (``maximize``) or small."""

    metric: str
    goal: str


@dataclass(frozen=True)
class Variant:
    """One model behind an endpoint, and its share of the requests."""

    name: str
    trial: str | None  # None: the one that `select` has chosen
    weight: float
    resources: Resources | None  # None: serverless


@dataclass(frozen=True)
class Serverless:
    """An endpoint without instances of its own."""

    memory: int  # MB
    concurrency: int
    provisioned: int | None  # how much of the concurrency is kept warm


@dataclass(frozen=True)
class Capture:
    """Which requests are kept in S3, and what of them."""

    percentage: int
    requests: bool
    answers: bool


@dataclass(frozen=True)
class Autoscaling:
    """How many instances a variant has, by how many requests come."""

    least: int
    most: int
    invocations: float  # a minute and instance
    scale_in: int | None  # seconds before instances are taken away again; None: AWS decides
    scale_out: int | None


@dataclass(frozen=True)
class Deployment:
    """How an endpoint goes from one configuration to the next."""

    type: str  # all, canary, linear or rolling
    size: int | None  # percent of the capacity that goes first, or at a time
    wait: int | None  # seconds between the parts
    terminate_after: int | None  # seconds that the old instances stay
    max_runtime: int | None  # seconds of the whole
    alarms: tuple[str, ...]  # CloudWatch alarms that take it back


@dataclass(frozen=True)
class Verify:
    """How the test part is sent through the endpoint."""

    batch: int  # rows of a request
    concurrency: int  # requests at a time


@dataclass(frozen=True)
class Hosting:
    """The endpoint of an experiment."""

    name: str
    variants: tuple[Variant, ...]
    serverless: Serverless | None
    capture: Capture | None
    autoscaling: Autoscaling | None
    deployment: Deployment | None
    verify: Verify | None
    keep: bool  # whether it outlives the run


@dataclass(frozen=True)
class Experiment:
    """A checked experiment; `document` is the file as data with its defaults filled in."""

    name: str
    description: str | None
    labels: Mapping[str, str]
    trials: tuple[Trial, ...]
    select: Select | None
    document: Mapping[str, Json]
    hosting: Hosting | None = None


@dataclass(frozen=True)
class Images:
    """Container images of ours."""

    components: str
    jobs: str | None  # what runs in jobs in the place of AWS's images


@dataclass(frozen=True)
class Vpc:
    """The private network that jobs and models are put into."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


@dataclass(frozen=True)
class Target:
    """Where an experiment runs."""

    name: str
    region: str
    role: str
    bucket: str
    prefix: str  # without slashes at its ends; may be empty
    tags: Mapping[str, str]
    debugger: str  # managed, own or off
    images: Images
    embedded: bool = False  # whether the embedded SageMaker's images stand in for AWS's
    kms_key: str | None = None  # what disks and outputs are encrypted with
    vpc: Vpc | None = None
    network_isolation: bool = False
