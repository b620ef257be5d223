{{/*
What goes with the pods of the apps' charts: account, Service, budget, autoscaler, network, monitoring,
rights. The file of this name in each chart is a copy of the one in deploy/charts-shared; a test
compares them.
*/}}

{{- define "windlass.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "windlass.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "windlass.labels" . | nindent 4 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}
{{- end -}}

{{- define "windlass.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "windlass.metadata" . | nindent 2 }}
  {{- with .Values.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ .Values.service.type }}
  {{- with .Values.service.clusterIP }}
  clusterIP: {{ . }}
  {{- end }}
  selector:
    {{- include "windlass.selectorLabels" . | nindent 4 }}
  ports:
    - name: http
      port: {{ .Values.service.port }}
      targetPort: http
      appProtocol: http
{{- end -}}

{{/* maxUnavailable, as minAvailable with one replica would hold a node's drain for ever. */}}
{{- define "windlass.podDisruptionBudget" -}}
{{- if .Values.podDisruptionBudget.enabled -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "windlass.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .Values.podDisruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "windlass.selectorLabels" . | nindent 6 }}
{{- end -}}
{{- end -}}

{{- define "windlass.autoscaler" -}}
{{- if .Values.autoscaling.enabled -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "windlass.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "windlass.fullname" . }}
  minReplicas: {{ .Values.autoscaling.minReplicas }}
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .Values.autoscaling.cpuPercent }}
{{- end -}}
{{- end -}}

{{- define "windlass.networkPolicy" -}}
{{- if .Values.networkPolicy.enabled -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "windlass.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "windlass.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports:
        - port: http
      {{- with .Values.networkPolicy.ingressFrom }}
      from:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  egress:
    - ports:
        - {port: 53, protocol: UDP}
        - {port: 53, protocol: TCP}
        {{- range .Values.networkPolicy.egressPorts }}
        - {port: {{ . }}, protocol: TCP}
        {{- end }}
{{- end -}}
{{- end -}}

{{- define "windlass.serviceMonitor" -}}
{{- if .Values.serviceMonitor.enabled -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "windlass.metadata" . | nindent 2 }}
    {{- with .Values.serviceMonitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "windlass.selectorLabels" . | nindent 6 }}
  endpoints:
    - port: http
      path: /metrics
      interval: {{ .Values.serviceMonitor.interval }}
{{- end -}}
{{- end -}}

{{/* Cluster-wide objects carry the release's namespace: two releases of one name may exist. */}}
{{- define "windlass.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "windlass.fullname" .) -}}
{{- end -}}

{{- define "windlass.subject" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "windlass.serviceAccountName" . }}
    namespace: {{ .Release.Namespace }}
{{- end -}}

{{/* Binds the ClusterRole of windlass.clusterName in `namespaces`, or everywhere where there are none. */}}
{{- define "windlass.bindings" -}}
{{- range $namespace := .Values.rbac.namespaces }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ include "windlass.clusterName" $ }}
  namespace: {{ $namespace }}
  labels:
    {{- include "windlass.labels" $ | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ include "windlass.clusterName" $ }}
{{ include "windlass.subject" $ }}
{{- else }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ include "windlass.clusterName" $ }}
  labels:
    {{- include "windlass.labels" $ | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ include "windlass.clusterName" $ }}
{{ include "windlass.subject" $ }}
{{- end }}
{{- end -}}
