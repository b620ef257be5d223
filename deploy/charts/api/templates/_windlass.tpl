{{/*
What the charts have in common: names, labels, settings, and the pods of the apps; _objects.tpl has what
goes with those. The file of this name in each chart is a copy of the one in deploy/charts-shared; a
test compares them.
*/}}

{{- define "windlass.app" -}}
{{- .Chart.Name | trimPrefix "windlass-" -}}
{{- end -}}

{{- define "windlass.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "windlass.fullname" -}}
{{- $name := include "windlass.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "windlass.selectorLabels" -}}
app.kubernetes.io/name: {{ include "windlass.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "windlass.labels" -}}
{{ include "windlass.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: {{ include "windlass.app" . }}
app.kubernetes.io/part-of: windlass
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with include "windlass.region" . }}
windlass.dev/region: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* A chart whose app knows its region has more than a name to say of it. */}}
{{- define "windlass.region" -}}
{{- if kindIs "map" .Values.region -}}
{{- .Values.region.id -}}
{{- else -}}
{{- .Values.region -}}
{{- end -}}
{{- end -}}

{{- define "windlass.metadata" -}}
name: {{ include "windlass.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "windlass.labels" . | nindent 2 }}
{{- end -}}

{{- define "windlass.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "windlass.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "windlass.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{/* A value as an app reads it: lists with commas, numbers in full instead of as 1e+06. */}}
{{- define "windlass.text" -}}
{{- if kindIs "slice" . -}}
{{- join "," . -}}
{{- else if kindIs "float64" . -}}
{{- int64 . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{/* Where the files of `secrets` and `files` are, each named after its variable. */}}
{{- define "windlass.filesDir" -}}
/etc/windlass
{{- end -}}

{{- define "windlass.env" -}}
{{- range $name, $value := .Values.settings }}
{{- if not (kindIs "invalid" $value) }}
- name: {{ $name }}
  value: {{ include "windlass.text" $value | quote }}
{{- end }}
{{- end }}
{{- range $name, $source := .Values.secrets }}
{{- if $source }}
- name: {{ $name }}_FILE
  value: {{ printf "%s/%s" (include "windlass.filesDir" $) $name }}
{{- end }}
{{- end }}
{{- range $name, $source := .Values.files }}
{{- if $source }}
- name: {{ $name }}
  value: {{ printf "%s/%s" (include "windlass.filesDir" $) $name }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Sources of the volume that holds the files. */}}
{{- define "windlass.fileSources" -}}
{{- range $files := list .Values.secrets .Values.files }}
{{- range $name, $source := $files }}
{{- if $source }}
- {{ ternary "configMap" "secret" (hasKey $source "configMap") }}:
    name: {{ default $source.configMap $source.secret | quote }}
    items:
      - key: {{ $source.key | quote }}
        path: {{ $name }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "windlass.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "windlass.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Where the pod runs. */}}
{{- define "windlass.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "windlass.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "windlass.metadata" . | nindent 2 }}
spec:
  {{- if not (dig "enabled" false (default dict .Values.autoscaling)) }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "windlass.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "windlass.labels" . | nindent 8 }}
        {{- with .Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .Values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "windlass.podSpec" . | nindent 6 }}
{{- end -}}

{{- define "windlass.podSpec" -}}
serviceAccountName: {{ include "windlass.serviceAccountName" . }}
{{- /* With a kubeconfig of its own the pod has no use for its service account's token. */}}
automountServiceAccountToken: {{ not (dig "KUBECONFIG" false .Values.files) }}
enableServiceLinks: false
{{- /* The app's own deadline comes first; the kubelet's is for an app that doesn't end. */}}
terminationGracePeriodSeconds: {{ add .Values.shutdown.preStopSeconds .Values.shutdown.graceSeconds 5 }}
securityContext:
  {{- include "windlass.podSecurityContext" . | nindent 2 }}
{{- include "windlass.placement" . }}
topologySpreadConstraints:
  {{- range .Values.topologySpread }}
  - maxSkew: 1
    topologyKey: {{ .topologyKey }}
    whenUnsatisfiable: {{ .whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "windlass.selectorLabels" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- else }} []
  {{- end }}
containers:
  - name: {{ include "windlass.app" . }}
    image: {{ include "windlass.image" . | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    env:
      - name: HTTP_HOST
        value: {{ .Values.http.host | quote }}
      - name: HTTP_PORT
        value: {{ .Values.http.port | quote }}
      - name: SHUTDOWN_GRACE_MS
        value: {{ printf "%ds" (int64 .Values.shutdown.graceSeconds) }}
      {{- include "windlass.env" . | trim | nindent 6 }}
    ports:
      - name: http
        containerPort: {{ .Values.http.port }}
    {{- include "windlass.probes" . | nindent 4 }}
    {{- if gt (int64 .Values.shutdown.preStopSeconds) 0 }}
    lifecycle:
      preStop:
        sleep:
          seconds: {{ .Values.shutdown.preStopSeconds }}
    {{- end }}
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    securityContext:
      {{- include "windlass.containerSecurityContext" . | nindent 6 }}
    {{- if include "windlass.fileSources" . }}
    volumeMounts:
      - name: files
        mountPath: {{ include "windlass.filesDir" . }}
        readOnly: true
    {{- end }}
{{- with include "windlass.fileSources" . }}
volumes:
  - name: files
    projected:
      # 0440: the group of fsGroup reads, nobody else.
      defaultMode: 288
      sources:
        {{- . | trim | nindent 8 }}
{{- end }}
{{- end -}}

{{- define "windlass.probes" -}}
{{- /* Up to a minute to start; the app ends by itself where it can't. */}}
startupProbe:
  httpGet: {path: /health, port: http}
  periodSeconds: 2
  failureThreshold: 30
livenessProbe:
  httpGet: {path: /health, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: {path: /ready, port: http}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 2
{{- end -}}
