/* oxlint-disable */
// Made from apps/api/openapi.json by `npm run generate --workspace @windlass/api-client`.
// A test compares the two: change the API's routes, never this file.

export interface paths {
    "/api/v1/ping": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask whether the server answers
         * @description Needs no user. Says nothing about what the server depends on: that is /ready.
         */
        get: operations["ping"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/requests/create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a deployment
         * @description Accepts the request and answers at once; the worker carries it out. Repeated with the same X-Request-ID and payload it gives the same request (200). With dryRun=server nothing is queued.
         */
        post: operations["createDeploymentRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List requests
         * @description The caller's requests, newest first; an admin's list has everyone's.
         */
        get: operations["listDeploymentRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Look at a request */
        get: operations["getDeploymentRequest"];
        put?: never;
        post?: never;
        /**
         * Ask for the deletion
         * @description Makes a new revision of the same request (type DELETE). Repeated it gives the same request (200). The identifier is free again once it has succeeded.
         */
        delete: operations["deleteDeploymentRequest"];
        options?: never;
        head?: never;
        /**
         * Change what is asked for
         * @description Makes a new revision of the same request (type UPDATE, status CREATED). The body is a JSON merge patch (RFC 7396); application/merge-patch+json is accepted too.
         */
        patch: operations["updateDeploymentRequest"];
        trace?: never;
    };
    "/api/v1/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List deployments
         * @description The caller's deployments as the cluster shows them; an admin's list has everyone's.
         */
        get: operations["listDeployments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Look at a deployment
         * @description As the cluster shows it. There is none until the first revision was applied.
         */
        get: operations["getDeployment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the revisions of a deployment
         * @description Newest first. Those are what rollback can go back to.
         */
        get: operations["listDeploymentRevisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{id}/pods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the pods of a deployment
         * @description Read from the cluster, newest first.
         */
        get: operations["listDeploymentPods"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the log of a pod
         * @description At most 256 KiB. Who read which log is audited.
         */
        get: operations["getDeploymentLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the Kubernetes events of a deployment
         * @description Of the Deployment, its replica sets and its pods (those in trouble first), newest first. Kubernetes keeps them for an hour.
         */
        get: operations["listDeploymentEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{id}/scale": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set the number of replicas */
        post: operations["scaleDeployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{id}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace the pods
         * @description Replaces every pod by a new one, as the strategy says.
         */
        post: operations["restartDeployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hold the rollout
         * @description Changes are accepted, but pods are not replaced until it is resumed.
         */
        post: operations["pauseDeployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let the rollout go on */
        post: operations["resumeDeployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployments/{id}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring an earlier revision back
         * @description Makes a new revision with the spec of an earlier one: the named one, else the last one that succeeded before. The number of replicas and whether the rollout is held stay as they are.
         */
        post: operations["rollbackDeployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow what happens
         * @description Server-sent events: all of the caller (an admin: everyone), of one request or of one deployment. The first event is `ready`; `gap` says that older events than are kept were asked for. A stream that breaks is resumed with Last-Event-ID.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List dead letters
         * @description Work that was given up, with the reason and the attempts, newest first.
         */
        get: operations["listDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Look at a dead letter */
        get: operations["getDeadLetter"];
        put?: never;
        post?: never;
        /**
         * Drop a dead letter
         * @description It is not offered for replay any more. The request stays FAILURE.
         */
        delete: operations["dropDeadLetter"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try again what was given up
         * @description Makes a new revision with the same spec; the request is CREATED again. Refused where a newer revision exists.
         */
        post: operations["replayDeadLetter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try again everything that was given up
         * @description The newest first, up to a bound; call again while `more` is true.
         */
        post: operations["replayDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the audit trail
         * @description What the caller did and was refused, newest first; an admin's has everyone's.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description A problem document (RFC 9457).
         * @example {
         *       "type": "https://windlass.dev/problems/validation-failed",
         *       "title": "The request is not valid",
         *       "status": 400,
         *       "detail": "1 field breaks its rules.",
         *       "instance": "/api/v1/deployments/requests/create",
         *       "code": "validation-failed",
         *       "errors": [
         *         {
         *           "field": "replicas",
         *           "message": "must be at most 1000",
         *           "limit": 1000
         *         }
         *       ]
         *     }
         */
        Problem: {
            /**
             * Format: uri
             * @description Names the kind of problem.
             */
            type: string;
            title: string;
            status: number;
            /** @description What happened this time. */
            detail: string;
            /** @description Path of the request. */
            instance: string;
            /** @description The last part of type. */
            code: string;
            /** @description Every field that is at fault. */
            errors: {
                field: string;
                message: string;
                /** @description The bound. */
                limit?: number | string;
            }[];
        } & {
            [key: string]: unknown;
        };
        /** @description What is asked for. */
        DeploymentSpec: {
            /** @description Image reference, such as `nginx:1.27` or `ghcr.io/acme/web@sha256:…`. */
            image: string;
            /** @description How many pods are wanted. */
            replicas: number;
            /** @description Ports that the container listens on. */
            ports?: {
                /** @description Port name, unique within its list. */
                name?: string;
                /** @description Port number. */
                containerPort: number;
                /**
                 * @description Transport protocol; TCP by default.
                 * @enum {string}
                 */
                protocol?: "TCP" | "UDP" | "SCTP";
                /** @description Port number. */
                hostPort?: number;
            }[];
            /** @description Environment variables. */
            env?: {
                name: string;
                /** @description Literal value. */
                value?: string;
                /** @description The value is a key of a Secret. */
                secretKeyRef?: {
                    /** @description Name of the Secret. */
                    name: string;
                    /** @description Key within the object. */
                    key: string;
                    /** @description Start the pod even where it is absent. */
                    optional?: boolean;
                };
                /** @description The value is a key of a ConfigMap. */
                configMapKeyRef?: {
                    /** @description Name of the ConfigMap. */
                    name: string;
                    /** @description Key within the object. */
                    key: string;
                    /** @description Start the pod even where it is absent. */
                    optional?: boolean;
                };
            }[];
            resources?: {
                /** @description What is set aside, such as {"cpu": "100m"}. */
                requests?: {
                    [key: string]: string;
                };
                /** @description What may be used at most. */
                limits?: {
                    [key: string]: string;
                };
            };
            /** @description Restarts the container when it fails. Exactly one of httpGet, tcpSocket, grpc and exec. */
            livenessProbe?: {
                httpGet?: {
                    /** @description Path; / by default. */
                    path?: string;
                    /** @description Port, by number or name. */
                    port: number | string;
                    /**
                     * @description HTTP by default.
                     * @enum {string}
                     */
                    scheme?: "HTTP" | "HTTPS";
                };
                tcpSocket?: {
                    /** @description Port, by number or name. */
                    port: number | string;
                };
                grpc?: {
                    /** @description Port number. */
                    port: number;
                    /** @description Service to ask for. */
                    service?: string;
                };
                exec?: {
                    /** @description Command to run. */
                    command: string[];
                };
                /** @description Seconds before the first try. */
                initialDelaySeconds?: number;
                /** @description Seconds between tries. */
                periodSeconds?: number;
                /** @description Seconds a try may take. */
                timeoutSeconds?: number;
                /** @description Successes in a row that count. */
                successThreshold?: number;
                /** @description Failures in a row that count. */
                failureThreshold?: number;
            };
            /** @description Takes the pod out of service while it fails. Exactly one of httpGet, tcpSocket, grpc and exec. */
            readinessProbe?: {
                httpGet?: {
                    /** @description Path; / by default. */
                    path?: string;
                    /** @description Port, by number or name. */
                    port: number | string;
                    /**
                     * @description HTTP by default.
                     * @enum {string}
                     */
                    scheme?: "HTTP" | "HTTPS";
                };
                tcpSocket?: {
                    /** @description Port, by number or name. */
                    port: number | string;
                };
                grpc?: {
                    /** @description Port number. */
                    port: number;
                    /** @description Service to ask for. */
                    service?: string;
                };
                exec?: {
                    /** @description Command to run. */
                    command: string[];
                };
                /** @description Seconds before the first try. */
                initialDelaySeconds?: number;
                /** @description Seconds between tries. */
                periodSeconds?: number;
                /** @description Seconds a try may take. */
                timeoutSeconds?: number;
                /** @description Successes in a row that count. */
                successThreshold?: number;
                /** @description Failures in a row that count. */
                failureThreshold?: number;
            };
            /** @description Holds the other probes back until it succeeds. Exactly one of httpGet, tcpSocket, grpc and exec. */
            startupProbe?: {
                httpGet?: {
                    /** @description Path; / by default. */
                    path?: string;
                    /** @description Port, by number or name. */
                    port: number | string;
                    /**
                     * @description HTTP by default.
                     * @enum {string}
                     */
                    scheme?: "HTTP" | "HTTPS";
                };
                tcpSocket?: {
                    /** @description Port, by number or name. */
                    port: number | string;
                };
                grpc?: {
                    /** @description Port number. */
                    port: number;
                    /** @description Service to ask for. */
                    service?: string;
                };
                exec?: {
                    /** @description Command to run. */
                    command: string[];
                };
                /** @description Seconds before the first try. */
                initialDelaySeconds?: number;
                /** @description Seconds between tries. */
                periodSeconds?: number;
                /** @description Seconds a try may take. */
                timeoutSeconds?: number;
                /** @description Successes in a row that count. */
                successThreshold?: number;
                /** @description Failures in a row that count. */
                failureThreshold?: number;
            };
            /** @description Instead of the image's entry point. */
            command?: string[];
            /** @description Instead of the image's arguments. */
            args?: string[];
            /** @description Labels of the deployment and its pods. */
            labels?: {
                [key: string]: string;
            };
            /** @description Annotations of the deployment and its pods. */
            annotations?: {
                [key: string]: string;
            };
            /** @description Volumes and their mounts. */
            volumes?: {
                /** @description Name of the volume, unique within the spec. */
                name: string;
                /** @description Absolute path in the container. */
                mountPath: string;
                /** @description Path within the volume. */
                subPath?: string;
                readOnly?: boolean;
                configMap?: {
                    /** @description Name of the ConfigMap. */
                    name: string;
                    optional?: boolean;
                };
                secret?: {
                    /** @description Name of the Secret. */
                    secretName: string;
                    optional?: boolean;
                };
                emptyDir?: {
                    /**
                     * @description Memory: a tmpfs.
                     * @enum {string}
                     */
                    medium?: "Memory";
                    sizeLimit?: string;
                };
            }[];
            /** @description Service account that the pods run as. */
            serviceAccountName?: string;
            /** @description Secrets for pulling the image. */
            imagePullSecrets?: string[];
            /** @description Held to the configured Pod Security Standard. */
            securityContext?: {
                privileged?: boolean;
                allowPrivilegeEscalation?: boolean;
                runAsNonRoot?: boolean;
                /** @description User id. */
                runAsUser?: number;
                /** @description Group id. */
                runAsGroup?: number;
                /** @description Group id of volumes. */
                fsGroup?: number;
                readOnlyRootFilesystem?: boolean;
                capabilities?: {
                    add?: string[];
                    drop?: string[];
                };
                seccompProfile?: {
                    /**
                     * @description Kind of profile.
                     * @enum {string}
                     */
                    type: "RuntimeDefault" | "Unconfined" | "Localhost";
                    /** @description Path of the profile on the node. */
                    localhostProfile?: string;
                };
            };
            strategy?: {
                /**
                 * @description How pods are replaced.
                 * @enum {string}
                 */
                type: "RollingUpdate" | "Recreate";
                /** @description Pods above the wanted number (RollingUpdate). */
                maxSurge?: number | string;
                /** @description Pods below the wanted number (RollingUpdate). */
                maxUnavailable?: number | string;
            };
            /** @description A pod counts as available after it was ready this long. */
            minReadySeconds?: number;
            /** @description A rollout without progress for this long is Degraded. */
            progressDeadlineSeconds?: number;
            /** @description Old replica sets that are kept. */
            revisionHistoryLimit?: number;
            /** @description Time that a pod has to end. */
            terminationGracePeriodSeconds?: number;
            /** @description A Service of the same name in front of the pods. */
            service?: {
                /**
                 * @description ClusterIP by default.
                 * @enum {string}
                 */
                type?: "ClusterIP" | "NodePort" | "LoadBalancer";
                ports: {
                    /** @description Port name; needed where there are several. */
                    name?: string;
                    /** @description Port number. */
                    port: number;
                    /** @description The container's port; the same by default. */
                    targetPort?: number | string;
                    /**
                     * @description Transport protocol; TCP by default.
                     * @enum {string}
                     */
                    protocol?: "TCP" | "UDP" | "SCTP";
                }[];
            };
            /** @description The rollout is held. */
            paused?: boolean;
            /** @description When a restart was last asked for. */
            restartedAt?: string;
        };
        /**
         * @description What is asked for. namespace defaults to the configured one, replicas to 1.
         * @example {
         *       "identifier": "web",
         *       "image": "nginx:1.27"
         *     }
         * @example {
         *       "identifier": "shop",
         *       "image": "ghcr.io/acme/shop:2.4.1",
         *       "namespace": "shop",
         *       "replicas": 3,
         *       "ports": [
         *         {
         *           "name": "http",
         *           "containerPort": 8080
         *         }
         *       ],
         *       "env": [
         *         {
         *           "name": "LOG_LEVEL",
         *           "value": "info"
         *         },
         *         {
         *           "name": "DB_PASSWORD",
         *           "secretKeyRef": {
         *             "name": "shop-db",
         *             "key": "password"
         *           }
         *         }
         *       ],
         *       "resources": {
         *         "requests": {
         *           "cpu": "100m",
         *           "memory": "128Mi"
         *         },
         *         "limits": {
         *           "memory": "256Mi"
         *         }
         *       },
         *       "readinessProbe": {
         *         "httpGet": {
         *           "path": "/ready",
         *           "port": "http"
         *         },
         *         "periodSeconds": 5
         *       },
         *       "service": {
         *         "ports": [
         *           {
         *             "port": 80,
         *             "targetPort": "http"
         *           }
         *         ]
         *       }
         *     }
         */
        CreateDeploymentRequest: {
            /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
            identifier: string;
            /** @description Image reference, such as `nginx:1.27` or `ghcr.io/acme/web@sha256:…`. */
            image: string;
            /** @description Kubernetes namespace. */
            namespace?: string;
            /** @description How many pods are wanted. */
            replicas?: number;
            /** @description Ports that the container listens on. */
            ports?: {
                /** @description Port name, unique within its list. */
                name?: string;
                /** @description Port number. */
                containerPort: number;
                /**
                 * @description Transport protocol; TCP by default.
                 * @enum {string}
                 */
                protocol?: "TCP" | "UDP" | "SCTP";
                /** @description Port number. */
                hostPort?: number;
            }[];
            /** @description Environment variables. */
            env?: {
                name: string;
                /** @description Literal value. */
                value?: string;
                /** @description The value is a key of a Secret. */
                secretKeyRef?: {
                    /** @description Name of the Secret. */
                    name: string;
                    /** @description Key within the object. */
                    key: string;
                    /** @description Start the pod even where it is absent. */
                    optional?: boolean;
                };
                /** @description The value is a key of a ConfigMap. */
                configMapKeyRef?: {
                    /** @description Name of the ConfigMap. */
                    name: string;
                    /** @description Key within the object. */
                    key: string;
                    /** @description Start the pod even where it is absent. */
                    optional?: boolean;
                };
            }[];
            resources?: {
                /** @description What is set aside, such as {"cpu": "100m"}. */
                requests?: {
                    [key: string]: string;
                };
                /** @description What may be used at most. */
                limits?: {
                    [key: string]: string;
                };
            };
            /** @description Restarts the container when it fails. Exactly one of httpGet, tcpSocket, grpc and exec. */
            livenessProbe?: {
                httpGet?: {
                    /** @description Path; / by default. */
                    path?: string;
                    /** @description Port, by number or name. */
                    port: number | string;
                    /**
                     * @description HTTP by default.
                     * @enum {string}
                     */
                    scheme?: "HTTP" | "HTTPS";
                };
                tcpSocket?: {
                    /** @description Port, by number or name. */
                    port: number | string;
                };
                grpc?: {
                    /** @description Port number. */
                    port: number;
                    /** @description Service to ask for. */
                    service?: string;
                };
                exec?: {
                    /** @description Command to run. */
                    command: string[];
                };
                /** @description Seconds before the first try. */
                initialDelaySeconds?: number;
                /** @description Seconds between tries. */
                periodSeconds?: number;
                /** @description Seconds a try may take. */
                timeoutSeconds?: number;
                /** @description Successes in a row that count. */
                successThreshold?: number;
                /** @description Failures in a row that count. */
                failureThreshold?: number;
            };
            /** @description Takes the pod out of service while it fails. Exactly one of httpGet, tcpSocket, grpc and exec. */
            readinessProbe?: {
                httpGet?: {
                    /** @description Path; / by default. */
                    path?: string;
                    /** @description Port, by number or name. */
                    port: number | string;
                    /**
                     * @description HTTP by default.
                     * @enum {string}
                     */
                    scheme?: "HTTP" | "HTTPS";
                };
                tcpSocket?: {
                    /** @description Port, by number or name. */
                    port: number | string;
                };
                grpc?: {
                    /** @description Port number. */
                    port: number;
                    /** @description Service to ask for. */
                    service?: string;
                };
                exec?: {
                    /** @description Command to run. */
                    command: string[];
                };
                /** @description Seconds before the first try. */
                initialDelaySeconds?: number;
                /** @description Seconds between tries. */
                periodSeconds?: number;
                /** @description Seconds a try may take. */
                timeoutSeconds?: number;
                /** @description Successes in a row that count. */
                successThreshold?: number;
                /** @description Failures in a row that count. */
                failureThreshold?: number;
            };
            /** @description Holds the other probes back until it succeeds. Exactly one of httpGet, tcpSocket, grpc and exec. */
            startupProbe?: {
                httpGet?: {
                    /** @description Path; / by default. */
                    path?: string;
                    /** @description Port, by number or name. */
                    port: number | string;
                    /**
                     * @description HTTP by default.
                     * @enum {string}
                     */
                    scheme?: "HTTP" | "HTTPS";
                };
                tcpSocket?: {
                    /** @description Port, by number or name. */
                    port: number | string;
                };
                grpc?: {
                    /** @description Port number. */
                    port: number;
                    /** @description Service to ask for. */
                    service?: string;
                };
                exec?: {
                    /** @description Command to run. */
                    command: string[];
                };
                /** @description Seconds before the first try. */
                initialDelaySeconds?: number;
                /** @description Seconds between tries. */
                periodSeconds?: number;
                /** @description Seconds a try may take. */
                timeoutSeconds?: number;
                /** @description Successes in a row that count. */
                successThreshold?: number;
                /** @description Failures in a row that count. */
                failureThreshold?: number;
            };
            /** @description Instead of the image's entry point. */
            command?: string[];
            /** @description Instead of the image's arguments. */
            args?: string[];
            /** @description Labels of the deployment and its pods. */
            labels?: {
                [key: string]: string;
            };
            /** @description Annotations of the deployment and its pods. */
            annotations?: {
                [key: string]: string;
            };
            /** @description Volumes and their mounts. */
            volumes?: {
                /** @description Name of the volume, unique within the spec. */
                name: string;
                /** @description Absolute path in the container. */
                mountPath: string;
                /** @description Path within the volume. */
                subPath?: string;
                readOnly?: boolean;
                configMap?: {
                    /** @description Name of the ConfigMap. */
                    name: string;
                    optional?: boolean;
                };
                secret?: {
                    /** @description Name of the Secret. */
                    secretName: string;
                    optional?: boolean;
                };
                emptyDir?: {
                    /**
                     * @description Memory: a tmpfs.
                     * @enum {string}
                     */
                    medium?: "Memory";
                    sizeLimit?: string;
                };
            }[];
            /** @description Service account that the pods run as. */
            serviceAccountName?: string;
            /** @description Secrets for pulling the image. */
            imagePullSecrets?: string[];
            /** @description Held to the configured Pod Security Standard. */
            securityContext?: {
                privileged?: boolean;
                allowPrivilegeEscalation?: boolean;
                runAsNonRoot?: boolean;
                /** @description User id. */
                runAsUser?: number;
                /** @description Group id. */
                runAsGroup?: number;
                /** @description Group id of volumes. */
                fsGroup?: number;
                readOnlyRootFilesystem?: boolean;
                capabilities?: {
                    add?: string[];
                    drop?: string[];
                };
                seccompProfile?: {
                    /**
                     * @description Kind of profile.
                     * @enum {string}
                     */
                    type: "RuntimeDefault" | "Unconfined" | "Localhost";
                    /** @description Path of the profile on the node. */
                    localhostProfile?: string;
                };
            };
            strategy?: {
                /**
                 * @description How pods are replaced.
                 * @enum {string}
                 */
                type: "RollingUpdate" | "Recreate";
                /** @description Pods above the wanted number (RollingUpdate). */
                maxSurge?: number | string;
                /** @description Pods below the wanted number (RollingUpdate). */
                maxUnavailable?: number | string;
            };
            /** @description A pod counts as available after it was ready this long. */
            minReadySeconds?: number;
            /** @description A rollout without progress for this long is Degraded. */
            progressDeadlineSeconds?: number;
            /** @description Old replica sets that are kept. */
            revisionHistoryLimit?: number;
            /** @description Time that a pod has to end. */
            terminationGracePeriodSeconds?: number;
            /** @description A Service of the same name in front of the pods. */
            service?: {
                /**
                 * @description ClusterIP by default.
                 * @enum {string}
                 */
                type?: "ClusterIP" | "NodePort" | "LoadBalancer";
                ports: {
                    /** @description Port name; needed where there are several. */
                    name?: string;
                    /** @description Port number. */
                    port: number;
                    /** @description The container's port; the same by default. */
                    targetPort?: number | string;
                    /**
                     * @description Transport protocol; TCP by default.
                     * @enum {string}
                     */
                    protocol?: "TCP" | "UDP" | "SCTP";
                }[];
            };
        };
        /**
         * @description A JSON merge patch (RFC 7396) of the spec: null removes a member, lists are replaced as a whole. identifier and namespace can be repeated, not changed.
         * @example {
         *       "image": "nginx:1.28"
         *     }
         * @example {
         *       "replicas": 3,
         *       "env": null
         *     }
         */
        PatchDeploymentRequest: {
            /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
            identifier?: string;
            /** @description Kubernetes namespace. */
            namespace?: string;
            /** @description Image reference, such as `nginx:1.27` or `ghcr.io/acme/web@sha256:…`. */
            image?: string | null;
            /** @description How many pods are wanted. */
            replicas?: number | null;
            /** @description Ports that the container listens on. */
            ports?: {
                /** @description Port name, unique within its list. */
                name?: string;
                /** @description Port number. */
                containerPort: number;
                /**
                 * @description Transport protocol; TCP by default.
                 * @enum {string}
                 */
                protocol?: "TCP" | "UDP" | "SCTP";
                /** @description Port number. */
                hostPort?: number;
            }[] | null;
            /** @description Environment variables. */
            env?: {
                name: string;
                /** @description Literal value. */
                value?: string;
                /** @description The value is a key of a Secret. */
                secretKeyRef?: {
                    /** @description Name of the Secret. */
                    name: string;
                    /** @description Key within the object. */
                    key: string;
                    /** @description Start the pod even where it is absent. */
                    optional?: boolean;
                };
                /** @description The value is a key of a ConfigMap. */
                configMapKeyRef?: {
                    /** @description Name of the ConfigMap. */
                    name: string;
                    /** @description Key within the object. */
                    key: string;
                    /** @description Start the pod even where it is absent. */
                    optional?: boolean;
                };
            }[] | null;
            resources?: {
                /** @description What is set aside, such as {"cpu": "100m"}. */
                requests?: {
                    [key: string]: string | null;
                } | null;
                /** @description What may be used at most. */
                limits?: {
                    [key: string]: string | null;
                } | null;
            } | null;
            /** @description Restarts the container when it fails. Exactly one of httpGet, tcpSocket, grpc and exec. */
            livenessProbe?: {
                httpGet?: {
                    /** @description Path; / by default. */
                    path?: string | null;
                    /** @description Port, by number or name. */
                    port?: number | string | null;
                    /**
                     * @description HTTP by default.
                     * @enum {string|null}
                     */
                    scheme?: "HTTP" | "HTTPS" | null;
                } | null;
                tcpSocket?: {
                    /** @description Port, by number or name. */
                    port?: number | string | null;
                } | null;
                grpc?: {
                    /** @description Port number. */
                    port?: number | null;
                    /** @description Service to ask for. */
                    service?: string | null;
                } | null;
                exec?: {
                    /** @description Command to run. */
                    command?: string[] | null;
                } | null;
                /** @description Seconds before the first try. */
                initialDelaySeconds?: number | null;
                /** @description Seconds between tries. */
                periodSeconds?: number | null;
                /** @description Seconds a try may take. */
                timeoutSeconds?: number | null;
                /** @description Successes in a row that count. */
                successThreshold?: number | null;
                /** @description Failures in a row that count. */
                failureThreshold?: number | null;
            } | null;
            /** @description Takes the pod out of service while it fails. Exactly one of httpGet, tcpSocket, grpc and exec. */
            readinessProbe?: {
                httpGet?: {
                    /** @description Path; / by default. */
                    path?: string | null;
                    /** @description Port, by number or name. */
                    port?: number | string | null;
                    /**
                     * @description HTTP by default.
                     * @enum {string|null}
                     */
                    scheme?: "HTTP" | "HTTPS" | null;
                } | null;
                tcpSocket?: {
                    /** @description Port, by number or name. */
                    port?: number | string | null;
                } | null;
                grpc?: {
                    /** @description Port number. */
                    port?: number | null;
                    /** @description Service to ask for. */
                    service?: string | null;
                } | null;
                exec?: {
                    /** @description Command to run. */
                    command?: string[] | null;
                } | null;
                /** @description Seconds before the first try. */
                initialDelaySeconds?: number | null;
                /** @description Seconds between tries. */
                periodSeconds?: number | null;
                /** @description Seconds a try may take. */
                timeoutSeconds?: number | null;
                /** @description Successes in a row that count. */
                successThreshold?: number | null;
                /** @description Failures in a row that count. */
                failureThreshold?: number | null;
            } | null;
            /** @description Holds the other probes back until it succeeds. Exactly one of httpGet, tcpSocket, grpc and exec. */
            startupProbe?: {
                httpGet?: {
                    /** @description Path; / by default. */
                    path?: string | null;
                    /** @description Port, by number or name. */
                    port?: number | string | null;
                    /**
                     * @description HTTP by default.
                     * @enum {string|null}
                     */
                    scheme?: "HTTP" | "HTTPS" | null;
                } | null;
                tcpSocket?: {
                    /** @description Port, by number or name. */
                    port?: number | string | null;
                } | null;
                grpc?: {
                    /** @description Port number. */
                    port?: number | null;
                    /** @description Service to ask for. */
                    service?: string | null;
                } | null;
                exec?: {
                    /** @description Command to run. */
                    command?: string[] | null;
                } | null;
                /** @description Seconds before the first try. */
                initialDelaySeconds?: number | null;
                /** @description Seconds between tries. */
                periodSeconds?: number | null;
                /** @description Seconds a try may take. */
                timeoutSeconds?: number | null;
                /** @description Successes in a row that count. */
                successThreshold?: number | null;
                /** @description Failures in a row that count. */
                failureThreshold?: number | null;
            } | null;
            /** @description Instead of the image's entry point. */
            command?: string[] | null;
            /** @description Instead of the image's arguments. */
            args?: string[] | null;
            /** @description Labels of the deployment and its pods. */
            labels?: {
                [key: string]: string | null;
            } | null;
            /** @description Annotations of the deployment and its pods. */
            annotations?: {
                [key: string]: string | null;
            } | null;
            /** @description Volumes and their mounts. */
            volumes?: {
                /** @description Name of the volume, unique within the spec. */
                name: string;
                /** @description Absolute path in the container. */
                mountPath: string;
                /** @description Path within the volume. */
                subPath?: string;
                readOnly?: boolean;
                configMap?: {
                    /** @description Name of the ConfigMap. */
                    name: string;
                    optional?: boolean;
                };
                secret?: {
                    /** @description Name of the Secret. */
                    secretName: string;
                    optional?: boolean;
                };
                emptyDir?: {
                    /**
                     * @description Memory: a tmpfs.
                     * @enum {string}
                     */
                    medium?: "Memory";
                    sizeLimit?: string;
                };
            }[] | null;
            /** @description Service account that the pods run as. */
            serviceAccountName?: string | null;
            /** @description Secrets for pulling the image. */
            imagePullSecrets?: string[] | null;
            /** @description Held to the configured Pod Security Standard. */
            securityContext?: {
                privileged?: boolean | null;
                allowPrivilegeEscalation?: boolean | null;
                runAsNonRoot?: boolean | null;
                /** @description User id. */
                runAsUser?: number | null;
                /** @description Group id. */
                runAsGroup?: number | null;
                /** @description Group id of volumes. */
                fsGroup?: number | null;
                readOnlyRootFilesystem?: boolean | null;
                capabilities?: {
                    add?: string[] | null;
                    drop?: string[] | null;
                } | null;
                seccompProfile?: {
                    /**
                     * @description Kind of profile.
                     * @enum {string|null}
                     */
                    type?: "RuntimeDefault" | "Unconfined" | "Localhost" | null;
                    /** @description Path of the profile on the node. */
                    localhostProfile?: string | null;
                } | null;
            } | null;
            strategy?: {
                /**
                 * @description How pods are replaced.
                 * @enum {string|null}
                 */
                type?: "RollingUpdate" | "Recreate" | null;
                /** @description Pods above the wanted number (RollingUpdate). */
                maxSurge?: number | string | null;
                /** @description Pods below the wanted number (RollingUpdate). */
                maxUnavailable?: number | string | null;
            } | null;
            /** @description A pod counts as available after it was ready this long. */
            minReadySeconds?: number | null;
            /** @description A rollout without progress for this long is Degraded. */
            progressDeadlineSeconds?: number | null;
            /** @description Old replica sets that are kept. */
            revisionHistoryLimit?: number | null;
            /** @description Time that a pod has to end. */
            terminationGracePeriodSeconds?: number | null;
            /** @description A Service of the same name in front of the pods. */
            service?: {
                /**
                 * @description ClusterIP by default.
                 * @enum {string|null}
                 */
                type?: "ClusterIP" | "NodePort" | "LoadBalancer" | null;
                ports?: {
                    /** @description Port name; needed where there are several. */
                    name?: string;
                    /** @description Port number. */
                    port: number;
                    /** @description The container's port; the same by default. */
                    targetPort?: number | string;
                    /**
                     * @description Transport protocol; TCP by default.
                     * @enum {string}
                     */
                    protocol?: "TCP" | "UDP" | "SCTP";
                }[] | null;
            } | null;
        };
        /**
         * @description A deployment request.
         * @example {
         *       "id": "01930f0e-8c5a-7d2b-9d6e-0a4f5b1c2d3e",
         *       "requestId": "create-web-1",
         *       "userId": "alice",
         *       "identifier": "web",
         *       "namespace": "default",
         *       "type": "CREATE",
         *       "operation": "CREATE",
         *       "status": "CREATED",
         *       "revision": 1,
         *       "spec": {
         *         "image": "nginx:1.27",
         *         "replicas": 1
         *       },
         *       "error": null,
         *       "deadLettered": false,
         *       "attempts": 0,
         *       "createdAt": "2026-01-05T10:00:00.000Z",
         *       "updatedAt": "2026-01-05T10:00:00.000Z",
         *       "completedAt": null
         *     }
         */
        DeploymentRequest: {
            /**
             * Format: uuid
             * @description Made by the server.
             */
            id: string;
            /** @description The X-Request-ID under which it was made. */
            requestId: string;
            /** @description Whose it is. */
            userId: string;
            /** @description Name of the deployment. */
            identifier: string;
            /** @description Kubernetes namespace. */
            namespace: string;
            /**
             * @description What is asked for now.
             * @enum {string}
             */
            type: "CREATE" | "UPDATE" | "DELETE";
            /**
             * @description What the newest revision does.
             * @enum {string}
             */
            operation: "CREATE" | "UPDATE" | "SCALE" | "RESTART" | "PAUSE" | "RESUME" | "ROLLBACK" | "REPLAY" | "DELETE";
            /**
             * @description CREATED: accepted. SUCCESS: applied to the cluster. FAILURE: given up, see error.
             * @enum {string}
             */
            status: "CREATED" | "SUCCESS" | "FAILURE";
            /** @description Rises by one with every change. */
            revision: number;
            spec: components["schemas"]["DeploymentSpec"];
            /** @description Why it failed; null otherwise. */
            error: {
                code: string;
                message: string;
            } | null;
            /** @description It failed and lies in the dead letters. */
            deadLettered: boolean;
            /** @description Tries of the newest revision. */
            attempts: number;
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it last changed.
             */
            updatedAt: string;
            /**
             * Format: date-time
             * @description When the newest revision ended; null while it is open.
             */
            completedAt: string | null;
            /** @description Only with ?wait. */
            waited?: {
                /**
                 * @description What ended the wait.
                 * @enum {string}
                 */
                outcome: "applied" | "failed" | "healthy" | "degraded" | "suspended" | "deleted" | "timeout" | "interrupted";
                /** @description The deployment's health, where known. */
                health?: string;
                /** @description Why it has that health. */
                reason?: string;
                /** @description The same for people. */
                message?: string;
            };
        };
        DeploymentRequestList: {
            items: components["schemas"]["DeploymentRequest"][];
            /** @description Send it as `cursor`, with the same filters, for the next page; null: the end. */
            nextCursor: string | null;
        };
        /** @description A deployment as synced from the cluster. */
        Deployment: {
            /** @description Name, unique among all users. */
            identifier: string;
            namespace: string;
            /** @description Whose it is. */
            userId: string;
            /** @description The id of the request that owns it. */
            requestId: string;
            /** @description The revision that was applied last. */
            revision: number;
            image: string;
            /** @description Pods that are wanted. */
            replicas: number;
            readyReplicas: number;
            /** @description Pods that run the newest template. */
            updatedReplicas: number;
            availableReplicas: number;
            paused: boolean;
            /**
             * @description How the rollout stands.
             * @enum {string}
             */
            health: "Healthy" | "Progressing" | "Degraded" | "Suspended" | "Missing";
            /** @description Why, for programs, such as CrashLoopBackOff. */
            healthReason: string;
            /** @description Why, for people. */
            healthMessage: string;
            /** @description The Deployment's own conditions. */
            conditions: {
                type: string;
                status: string;
                reason: string;
                message: string;
                /**
                 * Format: date-time
                 * @description When it last changed.
                 */
                lastTransitionTime: string | null;
            }[];
            labels: {
                [key: string]: string;
            };
            /** @description The object's uid in the cluster. */
            uid: string;
            /** @description The version in the cluster that this shows. */
            resourceVersion: string;
            generation: number;
            /** @description Less than generation: not looked at yet. */
            observedGeneration: number;
            /**
             * Format: date-time
             * @description When the object was made in the cluster.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When this was last brought up to date.
             */
            syncedAt: string;
        };
        DeploymentList: {
            items: components["schemas"]["Deployment"][];
            /** @description Send it as `cursor`, with the same filters, for the next page; null: the end. */
            nextCursor: string | null;
        };
        /** @description One accepted change of a deployment. */
        Revision: {
            revision: number;
            /** @description The id of the request that it belongs to. */
            requestId: string;
            /**
             * @description What it does.
             * @enum {string}
             */
            operation: "CREATE" | "UPDATE" | "SCALE" | "RESTART" | "PAUSE" | "RESUME" | "ROLLBACK" | "REPLAY" | "DELETE";
            /**
             * @description How it ended.
             * @enum {string}
             */
            status: "OPEN" | "SUCCESS" | "FAILURE";
            spec: components["schemas"]["DeploymentSpec"];
            error: {
                code: string;
                message: string;
            } | null;
            attempts: number;
            /** @description The user that asked for it. */
            createdBy: string;
            /**
             * Format: date-time
             * @description When it was accepted.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it ended; null while it is open.
             */
            endedAt: string | null;
        };
        RevisionList: {
            items: components["schemas"]["Revision"][];
            /** @description Send it as `cursor`, with the same filters, for the next page; null: the end. */
            nextCursor: string | null;
        };
        /** @description A pod of a deployment. */
        Pod: {
            name: string;
            /** @description Pending, Running, Succeeded, Failed or Unknown. */
            phase: string;
            ready: boolean;
            /** @description Restarts of all its containers. */
            restarts: number;
            image: string;
            /** @description Where it runs; null until it is scheduled. */
            node: string | null;
            /** @description Its address; null until it has one. */
            podIp: string | null;
            /** @description Why it does not run, such as CrashLoopBackOff; null where it does. */
            reason: string | null;
            /** @description The same for people. */
            message: string | null;
            containers: {
                name: string;
                ready: boolean;
                restarts: number;
                /** @description waiting, running, terminated or unknown. */
                state: string;
                /** @description Why it is in that state. */
                reason: string | null;
                /** @description The same for people. */
                message: string | null;
                /** @description Exit code of the last end; null where there was none. */
                exitCode: number | null;
            }[];
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When its deletion was asked for.
             */
            deletedAt: string | null;
        };
        PodList: {
            items: components["schemas"]["Pod"][];
            /** @description Always null: the list is whole, up to its bound. */
            nextCursor: null;
        };
        /** @description A Kubernetes event of a deployment or its parts. */
        ClusterEvent: {
            /** @description What it is about. */
            object: {
                kind: string;
                name: string;
            };
            /** @description Normal or Warning. */
            type: string;
            reason: string;
            message: string;
            /** @description How often it happened. */
            count: number;
            /**
             * Format: date-time
             * @description When it first happened.
             */
            firstSeenAt: string | null;
            /**
             * Format: date-time
             * @description When it last happened.
             */
            lastSeenAt: string | null;
        };
        ClusterEventList: {
            items: components["schemas"]["ClusterEvent"][];
            /** @description Always null: the list is whole, up to its bound. */
            nextCursor: null;
        };
        /** @description What would happen; nothing was queued. */
        DryRun: {
            /** @description True where the same call without dryRun would be accepted. */
            valid: boolean;
            problems: {
                /** @description As in problem documents, or the cluster's own reason. */
                code: string;
                /** @description The field that is at fault, where there is one. */
                field: string | null;
                message: string;
            }[];
            /** @description The Deployment as it would be sent; null for a deletion. */
            manifest: {
                [key: string]: unknown;
            } | null;
            /** @description The Service as it would be sent; null where the spec has none. */
            service: {
                [key: string]: unknown;
            } | null;
            /** @description What would change in the cluster, sorted by path. */
            diff: {
                /** @description Deployment or Service. */
                object: string;
                /** @description Such as `spec.replicas`. */
                path: string;
                /** @description Null where absent. */
                before: unknown;
                /** @description Null where absent. */
                after: unknown;
            }[];
        };
        /** @description Work that was given up. */
        DeadLetter: {
            id: string;
            /** @description Whose work it was, where known. */
            userId: string | null;
            /** @description The deployment, where known. */
            identifier: string | null;
            /** @description The id of the request, where known. */
            requestId: string | null;
            /** @description The revision that was given up, where known. */
            revision: number | null;
            /** @description Subject of the message. */
            subject: string;
            /** @description Why it was given up. */
            reason: string;
            /** @description How often it was tried. */
            attempts: number;
            /** @description The message's own bytes, base64. */
            payload: string;
            /**
             * Format: date-time
             * @description When it was given up.
             */
            createdAt: string;
            /** @description The revision that a replay made. */
            replayedRevision: number | null;
            /**
             * Format: date-time
             * @description When it was dropped.
             */
            droppedAt: string | null;
        };
        DeadLetterList: {
            items: components["schemas"]["DeadLetter"][];
            /** @description Send it as `cursor`, with the same filters, for the next page; null: the end. */
            nextCursor: string | null;
        };
        /** @description What became of the dead letters. */
        ReplayCounts: {
            /** @description Requests that are CREATED again. */
            replayed: number;
            /** @description Left alone: a newer revision exists. */
            superseded: number;
            /** @description Left alone: replayed or dropped meanwhile. */
            ended: number;
            /** @description Left alone: they belong to no request. */
            notReplayable: number;
            /** @description The bound was reached; call again for the rest. */
            more: boolean;
        };
        /** @description One line of the audit trail, which is only ever added to. */
        AuditEntry: {
            id: string;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description Who did it. */
            userId: string;
            /**
             * @description In which role.
             * @enum {string}
             */
            role: "user" | "admin";
            /** @description What was done or refused. */
            action: string;
            /** @description To what. */
            target: string;
            /** @description The revision that it made. */
            revision: number | null;
            /** @description `accepted`, or the code of the refusal. */
            outcome: string;
            /** @description From where. */
            remoteAddress: string | null;
        };
        AuditList: {
            items: components["schemas"]["AuditEntry"][];
            /** @description Send it as `cursor`, with the same filters, for the next page; null: the end. */
            nextCursor: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    ping: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server answers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                        /** Format: date-time */
                        time: string;
                    };
                };
            };
        };
    };
    createDeploymentRequest: {
        parameters: {
            query?: {
                /** @description Holds the answer back: applied: until the request ended; rollout: until the rollout is Healthy, Degraded or Suspended, or the deployment is gone. */
                wait?: "applied" | "rollout";
                /** @description How long to hold it back at most; the request goes on by itself. */
                timeoutSeconds?: number;
                /** @description server: checks everything, also with the cluster, and queues nothing. */
                dryRun?: "server";
            };
            header?: {
                /** @description Repeat a request under the same id: it is made once. Made by the server if absent. */
                "X-Request-ID"?: string;
                /** @description The same as X-Request-ID. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateDeploymentRequest"];
            };
        };
        responses: {
            /** @description The same request again. With dryRun: what would happen. */
            200: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"] | components["schemas"]["DryRun"];
                };
            };
            /** @description Accepted. */
            202: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    /** @description Where the request is. */
                    Location?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"];
                };
            };
            /** @description validation-failed: The request is not valid. malformed-body: The body could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description quota-exceeded: Over the quota. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description identifier-taken: The identifier is taken. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unsupported-media-type: The media type is not supported. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description idempotency-payload-mismatch: The same id came with another payload. policy-violation: Against the policy. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeploymentRequests: {
        parameters: {
            query?: {
                /** @description Only requests with this status. */
                status?: "CREATED" | "SUCCESS" | "FAILURE";
                /** @description Only requests of this type. */
                type?: "CREATE" | "UPDATE" | "DELETE";
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                identifier?: string;
                /** @description Kubernetes namespace. */
                namespace?: string;
                /** @description Only what belongs to this user. Of others: admins only. */
                user?: string;
                /** @description Items per page. */
                limit?: number;
                /** @description nextCursor of the page before, with the same filters. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of requests. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequestList"];
                };
            };
            /** @description validation-failed: The request is not valid. invalid-cursor: The cursor is not valid. cursor-filter-mismatch: The filters changed under the cursor. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: Not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDeploymentRequest: {
        parameters: {
            query?: {
                /** @description Holds the answer back: applied: until the request ended; rollout: until the rollout is Healthy, Degraded or Suspended, or the deployment is gone. */
                wait?: "applied" | "rollout";
                /** @description How long to hold it back at most; the request goes on by itself. */
                timeoutSeconds?: number;
            };
            header?: {
                /** @description ETag that the caller has already (304 if it is the same). */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The id of a request, or the X-Request-ID under which it was made. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request. */
            200: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"];
                };
            };
            /** @description It is what If-None-Match names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description validation-failed: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteDeploymentRequest: {
        parameters: {
            query?: {
                /** @description Holds the answer back: applied: until the request ended; rollout: until the rollout is Healthy, Degraded or Suspended, or the deployment is gone. */
                wait?: "applied" | "rollout";
                /** @description How long to hold it back at most; the request goes on by itself. */
                timeoutSeconds?: number;
                /** @description server: checks everything, also with the cluster, and queues nothing. */
                dryRun?: "server";
            };
            header?: {
                /** @description Repeat a request under the same id: it is made once. Made by the server if absent. */
                "X-Request-ID"?: string;
                /** @description The same as X-Request-ID. */
                "Idempotency-Key"?: string;
                /** @description ETag that the request must still have (412 otherwise). */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of a request, or the X-Request-ID under which it was made. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The same change again: the request as it is. With dryRun: what would happen. */
            200: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"] | components["schemas"]["DryRun"];
                };
            };
            /** @description A new revision was accepted. */
            202: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    /** @description Where the request is. */
                    Location?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"];
                };
            };
            /** @description validation-failed: The request is not valid. malformed-body: The body could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description quota-exceeded: Over the quota. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description deletion-in-progress: It is being deleted. queue-full: Too many changes are waiting. conflict: In conflict with the present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description version-mismatch: It changed in the meantime. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unsupported-media-type: The media type is not supported. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description idempotency-payload-mismatch: The same id came with another payload. policy-violation: Against the policy. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateDeploymentRequest: {
        parameters: {
            query?: {
                /** @description Holds the answer back: applied: until the request ended; rollout: until the rollout is Healthy, Degraded or Suspended, or the deployment is gone. */
                wait?: "applied" | "rollout";
                /** @description How long to hold it back at most; the request goes on by itself. */
                timeoutSeconds?: number;
                /** @description server: checks everything, also with the cluster, and queues nothing. */
                dryRun?: "server";
            };
            header?: {
                /** @description Repeat a request under the same id: it is made once. Made by the server if absent. */
                "X-Request-ID"?: string;
                /** @description The same as X-Request-ID. */
                "Idempotency-Key"?: string;
                /** @description ETag that the request must still have (412 otherwise). */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of a request, or the X-Request-ID under which it was made. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PatchDeploymentRequest"];
                "application/merge-patch+json": components["schemas"]["PatchDeploymentRequest"];
            };
        };
        responses: {
            /** @description The same change again: the request as it is. With dryRun: what would happen. */
            200: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"] | components["schemas"]["DryRun"];
                };
            };
            /** @description A new revision was accepted. */
            202: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    /** @description Where the request is. */
                    Location?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"];
                };
            };
            /** @description validation-failed: The request is not valid. malformed-body: The body could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description quota-exceeded: Over the quota. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description deletion-in-progress: It is being deleted. queue-full: Too many changes are waiting. conflict: In conflict with the present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description version-mismatch: It changed in the meantime. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unsupported-media-type: The media type is not supported. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description idempotency-payload-mismatch: The same id came with another payload. policy-violation: Against the policy. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeployments: {
        parameters: {
            query?: {
                /** @description Kubernetes namespace. */
                namespace?: string;
                /** @description Only deployments with this health. */
                health?: "Healthy" | "Progressing" | "Degraded" | "Suspended" | "Missing";
                /** @description Only what belongs to this user. Of others: admins only. */
                user?: string;
                /** @description Items per page. */
                limit?: number;
                /** @description nextCursor of the page before, with the same filters. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deployments. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentList"];
                };
            };
            /** @description validation-failed: The request is not valid. invalid-cursor: The cursor is not valid. cursor-filter-mismatch: The filters changed under the cursor. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: Not allowed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDeployment: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag that the caller has already (304 if it is the same). */
                "If-None-Match"?: string;
            };
            path: {
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The deployment. */
            200: {
                headers: {
                    /** @description Version of what is answered. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deployment"];
                };
            };
            /** @description It is what If-None-Match names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description validation-failed: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeploymentRevisions: {
        parameters: {
            query?: {
                /** @description Items per page. */
                limit?: number;
                /** @description nextCursor of the page before, with the same filters. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of revisions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevisionList"];
                };
            };
            /** @description validation-failed: The request is not valid. invalid-cursor: The cursor is not valid. cursor-filter-mismatch: The filters changed under the cursor. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeploymentPods: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its pods. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PodList"];
                };
            };
            /** @description validation-failed: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description conflict: In conflict with the present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDeploymentLogs: {
        parameters: {
            query?: {
                /** @description Which pod; the newest that is not ready, else the newest. */
                pod?: string;
                /** @description Which container; the first by default. */
                container?: string;
                /** @description Lines from the end. */
                tailLines?: number;
                /** @description Only lines of the last seconds. */
                sinceSeconds?: number;
                /** @description Of the container's run before. */
                previous?: boolean;
                /** @description Each line begins with its time. */
                timestamps?: boolean;
            };
            header?: never;
            path: {
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The log. */
            200: {
                headers: {
                    /** @description The pod that was read. */
                    "X-Pod"?: string;
                    /** @description The container that was read. */
                    "X-Container"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description validation-failed: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description conflict: In conflict with the present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeploymentEvents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterEventList"];
                };
            };
            /** @description validation-failed: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description conflict: In conflict with the present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    scaleDeployment: {
        parameters: {
            query?: {
                /** @description Holds the answer back: applied: until the request ended; rollout: until the rollout is Healthy, Degraded or Suspended, or the deployment is gone. */
                wait?: "applied" | "rollout";
                /** @description How long to hold it back at most; the request goes on by itself. */
                timeoutSeconds?: number;
                /** @description server: checks everything, also with the cluster, and queues nothing. */
                dryRun?: "server";
            };
            header?: {
                /** @description Repeat a request under the same id: it is made once. Made by the server if absent. */
                "X-Request-ID"?: string;
                /** @description The same as X-Request-ID. */
                "Idempotency-Key"?: string;
                /** @description ETag that the request must still have (412 otherwise). */
                "If-Match"?: string;
            };
            path: {
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "replicas": 3
                 *     }
                 */
                "application/json": {
                    /** @description How many pods are wanted. */
                    replicas: number;
                };
            };
        };
        responses: {
            /** @description The same change again: the request as it is. With dryRun: what would happen. */
            200: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"] | components["schemas"]["DryRun"];
                };
            };
            /** @description A new revision was accepted. */
            202: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    /** @description Where the request is. */
                    Location?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"];
                };
            };
            /** @description validation-failed: The request is not valid. malformed-body: The body could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description quota-exceeded: Over the quota. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description deletion-in-progress: It is being deleted. queue-full: Too many changes are waiting. conflict: In conflict with the present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description version-mismatch: It changed in the meantime. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unsupported-media-type: The media type is not supported. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description idempotency-payload-mismatch: The same id came with another payload. policy-violation: Against the policy. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restartDeployment: {
        parameters: {
            query?: {
                /** @description Holds the answer back: applied: until the request ended; rollout: until the rollout is Healthy, Degraded or Suspended, or the deployment is gone. */
                wait?: "applied" | "rollout";
                /** @description How long to hold it back at most; the request goes on by itself. */
                timeoutSeconds?: number;
                /** @description server: checks everything, also with the cluster, and queues nothing. */
                dryRun?: "server";
            };
            header?: {
                /** @description Repeat a request under the same id: it is made once. Made by the server if absent. */
                "X-Request-ID"?: string;
                /** @description The same as X-Request-ID. */
                "Idempotency-Key"?: string;
                /** @description ETag that the request must still have (412 otherwise). */
                "If-Match"?: string;
            };
            path: {
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never> | null;
            };
        };
        responses: {
            /** @description The same change again: the request as it is. With dryRun: what would happen. */
            200: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"] | components["schemas"]["DryRun"];
                };
            };
            /** @description A new revision was accepted. */
            202: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    /** @description Where the request is. */
                    Location?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"];
                };
            };
            /** @description validation-failed: The request is not valid. malformed-body: The body could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description quota-exceeded: Over the quota. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description deletion-in-progress: It is being deleted. queue-full: Too many changes are waiting. conflict: In conflict with the present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description version-mismatch: It changed in the meantime. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unsupported-media-type: The media type is not supported. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description idempotency-payload-mismatch: The same id came with another payload. policy-violation: Against the policy. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauseDeployment: {
        parameters: {
            query?: {
                /** @description Holds the answer back: applied: until the request ended; rollout: until the rollout is Healthy, Degraded or Suspended, or the deployment is gone. */
                wait?: "applied" | "rollout";
                /** @description How long to hold it back at most; the request goes on by itself. */
                timeoutSeconds?: number;
                /** @description server: checks everything, also with the cluster, and queues nothing. */
                dryRun?: "server";
            };
            header?: {
                /** @description Repeat a request under the same id: it is made once. Made by the server if absent. */
                "X-Request-ID"?: string;
                /** @description The same as X-Request-ID. */
                "Idempotency-Key"?: string;
                /** @description ETag that the request must still have (412 otherwise). */
                "If-Match"?: string;
            };
            path: {
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never> | null;
            };
        };
        responses: {
            /** @description The same change again: the request as it is. With dryRun: what would happen. */
            200: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"] | components["schemas"]["DryRun"];
                };
            };
            /** @description A new revision was accepted. */
            202: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    /** @description Where the request is. */
                    Location?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"];
                };
            };
            /** @description validation-failed: The request is not valid. malformed-body: The body could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description quota-exceeded: Over the quota. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description deletion-in-progress: It is being deleted. queue-full: Too many changes are waiting. conflict: In conflict with the present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description version-mismatch: It changed in the meantime. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unsupported-media-type: The media type is not supported. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description idempotency-payload-mismatch: The same id came with another payload. policy-violation: Against the policy. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeDeployment: {
        parameters: {
            query?: {
                /** @description Holds the answer back: applied: until the request ended; rollout: until the rollout is Healthy, Degraded or Suspended, or the deployment is gone. */
                wait?: "applied" | "rollout";
                /** @description How long to hold it back at most; the request goes on by itself. */
                timeoutSeconds?: number;
                /** @description server: checks everything, also with the cluster, and queues nothing. */
                dryRun?: "server";
            };
            header?: {
                /** @description Repeat a request under the same id: it is made once. Made by the server if absent. */
                "X-Request-ID"?: string;
                /** @description The same as X-Request-ID. */
                "Idempotency-Key"?: string;
                /** @description ETag that the request must still have (412 otherwise). */
                "If-Match"?: string;
            };
            path: {
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never> | null;
            };
        };
        responses: {
            /** @description The same change again: the request as it is. With dryRun: what would happen. */
            200: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"] | components["schemas"]["DryRun"];
                };
            };
            /** @description A new revision was accepted. */
            202: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    /** @description Where the request is. */
                    Location?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"];
                };
            };
            /** @description validation-failed: The request is not valid. malformed-body: The body could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description quota-exceeded: Over the quota. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description deletion-in-progress: It is being deleted. queue-full: Too many changes are waiting. conflict: In conflict with the present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description version-mismatch: It changed in the meantime. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unsupported-media-type: The media type is not supported. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description idempotency-payload-mismatch: The same id came with another payload. policy-violation: Against the policy. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rollbackDeployment: {
        parameters: {
            query?: {
                /** @description Holds the answer back: applied: until the request ended; rollout: until the rollout is Healthy, Degraded or Suspended, or the deployment is gone. */
                wait?: "applied" | "rollout";
                /** @description How long to hold it back at most; the request goes on by itself. */
                timeoutSeconds?: number;
                /** @description server: checks everything, also with the cluster, and queues nothing. */
                dryRun?: "server";
            };
            header?: {
                /** @description Repeat a request under the same id: it is made once. Made by the server if absent. */
                "X-Request-ID"?: string;
                /** @description The same as X-Request-ID. */
                "Idempotency-Key"?: string;
                /** @description ETag that the request must still have (412 otherwise). */
                "If-Match"?: string;
            };
            path: {
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "revision": 3
                 *     }
                 */
                "application/json": {
                    /** @description The one wanted. */
                    revision?: number;
                } | null;
            };
        };
        responses: {
            /** @description The same change again: the request as it is. With dryRun: what would happen. */
            200: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"] | components["schemas"]["DryRun"];
                };
            };
            /** @description A new revision was accepted. */
            202: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    /** @description Where the request is. */
                    Location?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"];
                };
            };
            /** @description validation-failed: The request is not valid. malformed-body: The body could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description quota-exceeded: Over the quota. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description deletion-in-progress: It is being deleted. queue-full: Too many changes are waiting. conflict: In conflict with the present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description version-mismatch: It changed in the meantime. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unsupported-media-type: The media type is not supported. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description idempotency-payload-mismatch: The same id came with another payload. policy-violation: Against the policy. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description Only events of this request. */
                request?: string;
                /** @description Name of the deployment, unique among all users, and of the Deployment in Kubernetes. */
                deployment?: string;
                /** @description As Last-Event-ID, for clients that can not set headers. */
                lastEventId?: string;
            };
            header?: {
                /** @description The id of the last event that was seen: what came after is sent first. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description validation-failed: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description deadline: It took too long. */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeadLetters: {
        parameters: {
            query?: {
                /** @description Items per page. */
                limit?: number;
                /** @description nextCursor of the page before, with the same filters. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of dead letters. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetterList"];
                };
            };
            /** @description validation-failed: The request is not valid. invalid-cursor: The cursor is not valid. cursor-filter-mismatch: The filters changed under the cursor. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the dead letter. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dead letter. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
            /** @description validation-failed: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    dropDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the dead letter. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Dropped. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description validation-failed: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replayDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the dead letter. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never> | null;
            };
        };
        responses: {
            /** @description A new revision was accepted. */
            202: {
                headers: {
                    /** @description Version of the request, for If-Match and If-None-Match. */
                    ETag?: string;
                    /** @description The id under which the same request can be repeated. */
                    "X-Request-ID"?: string;
                    /** @description Where the request is. */
                    Location?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentRequest"];
                };
            };
            /** @description validation-failed: The request is not valid. malformed-body: The body could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-found: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description conflict: In conflict with the present state. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unsupported-media-type: The media type is not supported. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replayDeadLetters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "limit": 100
                 *     }
                 */
                "application/json": {
                    /** @description How many to look at; 100 by default. */
                    limit?: number;
                } | null;
            };
        };
        responses: {
            /** @description What became of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplayCounts"];
                };
            };
            /** @description validation-failed: The request is not valid. malformed-body: The body could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unsupported-media-type: The media type is not supported. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description Items per page. */
                limit?: number;
                /** @description nextCursor of the page before, with the same filters. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the trail. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditList"];
                };
            };
            /** @description validation-failed: The request is not valid. invalid-cursor: The cursor is not valid. cursor-filter-mismatch: The filters changed under the cursor. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated: No user, or not a known one. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited: Too many requests. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: Not available now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
