{{/* What only the lock manager's chart has. */}}

{{- define "lockmgr.headless" -}}
{{- printf "%s-headless" (include "windlass.fullname" . | trunc 54 | trimSuffix "-") -}}
{{- end -}}

{{/* Every node by the name that outlives its pod. */}}
{{- define "lockmgr.peers" -}}
{{- $name := include "windlass.fullname" . -}}
{{- $headless := include "lockmgr.headless" . -}}
{{- $peers := list -}}
{{- range $index := until (int .Values.replicaCount) -}}
{{- $pod := printf "%s-%d" $name $index -}}
{{- $peers = append $peers (printf "%s=%s.%s.%s.svc:%d" $pod $pod $headless $.Release.Namespace (int $.Values.service.grpcPort)) -}}
{{- end -}}
{{- join "," $peers -}}
{{- end -}}

{{/* The file of CONFIG_FILE. */}}
{{- define "lockmgr.config" -}}
region:
  id: {{ .Values.region.id | quote }}
raft:
  {{- toYaml .Values.raft | nindent 2 }}
lock:
  {{- toYaml .Values.lock | nindent 2 }}
{{- end -}}

{{- define "lockmgr.affinity" -}}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" (include "windlass.selectorLabels" . | fromYaml)) -}}
{{- $own := dict -}}
{{- if eq .Values.antiAffinity "required" -}}
{{- $own = dict "podAntiAffinity" (dict "requiredDuringSchedulingIgnoredDuringExecution" (list $term)) -}}
{{- else if eq .Values.antiAffinity "preferred" -}}
{{- $own = dict "podAntiAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term))) -}}
{{- end -}}
{{- $all := merge (dict) .Values.affinity $own -}}
{{- if $all -}}
{{- toYaml $all -}}
{{- end -}}
{{- end -}}
