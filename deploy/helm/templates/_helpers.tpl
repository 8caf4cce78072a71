{{/* Labels: dict "role" "web" "root" $ */}}
{{- define "labels" -}}
app.kubernetes.io/name: evenhand
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "pod" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "confined" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
imagePullPolicy: {{ .Values.images.pullPolicy }}
{{- end }}

{{- define "site.environment" -}}
{{- range list "DATABASE_URL" "REDIS_URL" "SECRET_KEY" "SECRETS_KEY" "WORKER_SECRET" }}
- name: {{ . }}
  valueFrom: {secretKeyRef: {name: {{ $.Values.secret }}, key: {{ . }}}}
{{- end }}
- name: METRICS_TOKEN
  valueFrom: {secretKeyRef: {name: {{ .Values.secret }}, key: METRICS_TOKEN, optional: true}}
- {name: ALLOWED_HOSTS, value: {{ .Values.host | quote }}}
- {name: CSRF_TRUSTED_ORIGINS, value: {{ printf "https://%s" .Values.host | quote }}}
- {name: SITE_URL, value: {{ printf "https://%s" .Values.host | quote }}}
- {name: HTTPS, value: "1"}
- {name: TRUSTED_PROXIES, value: {{ .Values.proxies | quote }}}
{{- range $name, $value := .Values.settings }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{- define "site.mounts" -}}
- {name: files, mountPath: /var/lib/evenhand}
- {name: scratch, mountPath: /tmp}
{{- end }}

{{- define "site.volumes" -}}
- name: files
  persistentVolumeClaim: {claimName: {{ .Release.Name }}-files}
- {name: scratch, emptyDir: {}}
{{- end }}

{{/* Every process but web sends its heartbeat to a file. */}}
{{- define "heartbeat" -}}
exec:
  command: [sh, -c, "test $(($(date +%s) - $(stat -c %Y /tmp/heartbeat))) -lt 30"]
periodSeconds: 10
{{- end }}

{{- define "budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .root.Release.Name }}-{{ .role }}
  labels: {{- include "labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "labels" . | nindent 6 }}
{{- end }}
