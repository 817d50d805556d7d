// Package strict decodes the manifests of package kubernetes with the types of Kubernetes.
package strict
