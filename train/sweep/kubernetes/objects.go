package kubernetes

// These types are the parts of Kubernetes' objects that a manifest has, in the order in which they are written. The types of
// k8s.io/api are for tests: a test decodes manifests with them, strictly.

type object struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Metadata   metadata `yaml:"metadata"`
}

type metadata struct {
	Name   text            `yaml:"name,omitempty"`
	Labels map[string]text `yaml:"labels"`
}

type configMap struct {
	object `yaml:",inline"`
	Data   map[string]string `yaml:"data"`
}

type job struct {
	object `yaml:",inline"`
	Spec   jobSpec `yaml:"spec"`
}

type jobSpec struct {
	CompletionMode       string        `yaml:"completionMode"`
	Completions          int           `yaml:"completions"`
	Parallelism          int           `yaml:"parallelism"`
	BackoffLimitPerIndex int           `yaml:"backoffLimitPerIndex"`
	PodReplacementPolicy string        `yaml:"podReplacementPolicy"`
	PodFailurePolicy     failurePolicy `yaml:"podFailurePolicy"`
	Template             template      `yaml:"template"`
}

type failurePolicy struct {
	Rules []rule `yaml:"rules"`
}

type rule struct {
	Action          string         `yaml:"action"`
	OnExitCodes     *exitCodes     `yaml:"onExitCodes,omitempty"`
	OnPodConditions []podCondition `yaml:"onPodConditions,omitempty"`
}

type exitCodes struct {
	ContainerName string `yaml:"containerName"`
	Operator      string `yaml:"operator"`
	Values        []int  `yaml:"values,flow"`
}

type podCondition struct {
	Type   string `yaml:"type"`
	Status string `yaml:"status"`
}

type template struct {
	Metadata metadata `yaml:"metadata"`
	Spec     podSpec  `yaml:"spec"`
}

type podSpec struct {
	RestartPolicy                 string      `yaml:"restartPolicy"`
	TerminationGracePeriodSeconds int         `yaml:"terminationGracePeriodSeconds"`
	InitContainers                []container `yaml:"initContainers"`
	Containers                    []container `yaml:"containers"`
	Volumes                       []volume    `yaml:"volumes"`
}

type container struct {
	Name         string        `yaml:"name"`
	Image        text          `yaml:"image"`
	Command      []text        `yaml:"command,flow"`
	Env          []env         `yaml:"env,omitempty"`
	Resources    *resources    `yaml:"resources,omitempty"`
	VolumeMounts []volumeMount `yaml:"volumeMounts"`
}

type env struct {
	Name      string `yaml:"name"`
	ValueFrom source `yaml:"valueFrom"`
}

type source struct {
	FieldRef field `yaml:"fieldRef"`
}

type field struct {
	FieldPath string `yaml:"fieldPath"`
}

type resources struct {
	Requests map[string]text `yaml:"requests"`
	Limits   map[string]text `yaml:"limits"`
}

type volumeMount struct {
	Name      string `yaml:"name"`
	MountPath string `yaml:"mountPath"`
	ReadOnly  bool   `yaml:"readOnly,omitempty"`
}

type volume struct {
	Name      string           `yaml:"name"`
	Claim     *claim           `yaml:"persistentVolumeClaim,omitempty"`
	ConfigMap *configMapVolume `yaml:"configMap,omitempty"`
}

type claim struct {
	ClaimName text `yaml:"claimName"`
}

type configMapVolume struct {
	Name text `yaml:"name"`
}
