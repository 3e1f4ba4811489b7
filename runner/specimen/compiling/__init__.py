"""Steps to a Kubeflow pipeline: the only importer of `kfp.dsl` and `kfp.compiler`."""
