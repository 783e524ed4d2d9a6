// Written by `npm run client-types` from the schemas of the server's routes: change those.

/** What each call takes and answers. */
export interface Operations {
  /** Answers while the process serves */
  'GET /health': {
    answer: {
      status: 'ok'
      version: string
    }
  }
  /** Answers 200 when everything that a run needs is there */
  'GET /ready': {
    answer: {
      status: 'ready' | 'unavailable'
      engine: boolean
      database: boolean
      problem?: string
    }
  }
  /** Make an account and sign in */
  'POST /auth/signup': {
    body: {
      /** upper and lower case are the same */
      email: string
      password: string
      name?: string
      /** what follows the # in the link */
      invitation?: string
    }
    answer: {
      user: {
        id: string
        /** null for the first user before the server is set up */
        email: string | null
        name: string | null
        role: 'admin' | 'teacher' | 'user'
        createdAt: string
      }
    }
  }
  /** Make the first administrator, by the link that the server prints at its start, and sign in */
  'POST /auth/setup': {
    body: {
      /** what follows the # in the link */
      token: string
      /** upper and lower case are the same */
      email: string
      password: string
      name?: string
    }
    answer: {
      user: {
        id: string
        /** null for the first user before the server is set up */
        email: string | null
        name: string | null
        role: 'admin' | 'teacher' | 'user'
        createdAt: string
      }
    }
  }
  /** Set a new password by a link of an administrator or a mail, and sign in; all other browsers are signed out */
  'POST /auth/password/reset': {
    body: {
      /** what follows the # in the link */
      token: string
      password: string
    }
    answer: {
      user: {
        id: string
        /** null for the first user before the server is set up */
        email: string | null
        name: string | null
        role: 'admin' | 'teacher' | 'user'
        createdAt: string
      }
    }
  }
  /** Sign in; the answer sets the cookie */
  'POST /auth/signin': {
    body: {
      /** upper and lower case are the same */
      email: string
      password: string
    }
    answer: {
      user: {
        id: string
        /** null for the first user before the server is set up */
        email: string | null
        name: string | null
        role: 'admin' | 'teacher' | 'user'
        createdAt: string
      }
    }
  }
  /** Mail a link that sets a new password within an hour, if there is an account with the email; the answer does not tell */
  'POST /auth/password/forgot': {
    body: {
      /** upper and lower case are the same */
      email: string
    }
    answer: Record<string, never>
  }
  /** End this session, everywhere that its cookie has been copied to */
  'POST /auth/logout': {
    answer: undefined
  }
  /** Who is signed in */
  'GET /auth/me': {
    answer: {
      user: {
        id: string
        /** null for the first user before the server is set up */
        email: string | null
        name: string | null
        role: 'admin' | 'teacher' | 'user'
        createdAt: string
      }
    }
  }
  /** Change what you are called */
  'PATCH /auth/me': {
    body: {
      name: string | null
    }
    answer: {
      user: {
        id: string
        /** null for the first user before the server is set up */
        email: string | null
        name: string | null
        role: 'admin' | 'teacher' | 'user'
        createdAt: string
      }
    }
  }
  /** Delete your account with its projects, runs and keys */
  'DELETE /auth/me': {
    body: {
      /** none where the account has none; then whoever asks must have signed in within ten minutes */
      password?: string
      /** also your projects in which others work */
      withShared?: boolean
    }
    answer: undefined
  }
  /** The browsers that are signed in, the newest first */
  'GET /auth/sessions': {
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
    }
    answer: {
      sessions: Array<{
        id: string
        createdAt: string
        expiresAt: string
        ip: string | null
        /** what the browser calls itself */
        userAgent: string | null
        /** whether it is the one that asks */
        current: boolean
      }>
      nextCursor: string | null
    }
  }
  /** Sign out all browsers but this one, open sockets included */
  'DELETE /auth/sessions': {
    answer: undefined
  }
  /** Sign a browser out, open sockets included */
  'DELETE /auth/sessions/{id}': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** Change your password; all other browsers are signed out, keys stay */
  'POST /auth/password': {
    body: {
      /** none where the account has none; then whoever asks must have signed in within ten minutes */
      current?: string
      password: string
    }
    answer: undefined
  }
  /** Send a browser to the OpenID Connect provider to sign in */
  'GET /auth/oidc': {
    query?: {
      /** where to go afterwards: a path of this server */
      next?: string
    }
    answer: unknown
  }
  /** Where the OpenID Connect provider sends the browser back to: signs it in */
  'GET /auth/oidc/callback': {
    query?: {
      state?: string
      code?: string
      iss?: string
      error?: string
    }
    answer: unknown
  }
  /** Sign in to the account that has the email, whose password it takes once, and by the provider alone from then on */
  'POST /auth/oidc/connect': {
    body: {
      password: string
    }
    answer: {
      user: {
        id: string
        /** null for the first user before the server is set up */
        email: string | null
        name: string | null
        role: 'admin' | 'teacher' | 'user'
        createdAt: string
      }
    }
  }
  /** How one can sign in on this server */
  'GET /auth/methods': {
    answer: {
      signUp: 'open' | 'closed'
      /** false until somebody has used the link that the start of a new server prints */
      hasAdministrator: boolean
      /** whether a forgotten password is set anew by mail */
      passwordMail: boolean
      oidc: {
        /** of the OpenID Connect provider */
        name: string
        /** where a browser begins; next is a path to go to afterwards */
        url: string
      } | null
    }
  }
  /** What was done on this server, the newest first; for administrators */
  'GET /api/audit': {
    query?: {
      userId?: string
      /** such as key.create */
      action?: string
      /** the id of what it was done to */
      subject?: string
      since?: string
      until?: string
      limit?: number
      cursor?: string
    }
    answer: {
      events: Array<{
        id: string
        action: string
        userId: string | null
        subject: string | null
        details: Record<string, string | number | boolean | null>
        requestId: string | null
        ip: string | null
        createdAt: string
      }>
      nextCursor: string | null
    }
  }
  /** All accounts, the newest first */
  'GET /api/users': {
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
      /** what is in the email or the name */
      search?: string
    }
    answer: {
      users: Array<{
        id: string
        /** null for the first user before the server is set up */
        email: string | null
        name: string | null
        role: 'admin' | 'teacher' | 'user'
        createdAt: string
        disabledAt: string | null
        /** what this user may have in place of what GET /api/limits says; null for that */
        limits: {
          projects: number | null
          projectsRunning: number | null
          snapshotBytes: number | null
        }
      }>
      nextCursor: string | null
    }
  }
  /** What everybody may have who has no limits of their own; for administrators */
  'GET /api/limits': {
    answer: {
      /** PROJECT_QUOTA */
      projects: number
      /** PROJECT_RUNNING_QUOTA */
      projectsRunning: number
      /** a part of SNAPSHOT_SIZE */
      snapshotBytes: number
    }
  }
  /** An account */
  'GET /api/users/{id}': {
    params: {
      id: string
    }
    answer: {
      user: {
        id: string
        /** null for the first user before the server is set up */
        email: string | null
        name: string | null
        role: 'admin' | 'teacher' | 'user'
        createdAt: string
        disabledAt: string | null
        /** what this user may have in place of what GET /api/limits says; null for that */
        limits: {
          projects: number | null
          projectsRunning: number | null
          snapshotBytes: number | null
        }
      }
    }
  }
  /** Name, role, limits, or whether it may come in: a disabled account is out at once, open sockets included */
  'PATCH /api/users/{id}': {
    params: {
      id: string
    }
    body: {
      name?: string | null
      role?: 'admin' | 'teacher' | 'user'
      /** a disabled account cannot sign in, its keys are not taken and its projects are stopped */
      disabled?: boolean
      /** what this user may have in place of what GET /api/limits says; null for that */
      limits?: {
        projects?: number | null
        projectsRunning?: number | null
        snapshotBytes?: number | null
      }
    }
    answer: {
      user: {
        id: string
        /** null for the first user before the server is set up */
        email: string | null
        name: string | null
        role: 'admin' | 'teacher' | 'user'
        createdAt: string
        disabledAt: string | null
        /** what this user may have in place of what GET /api/limits says; null for that */
        limits: {
          projects: number | null
          projectsRunning: number | null
          snapshotBytes: number | null
        }
      }
    }
  }
  /** Delete an account with its projects, runs and keys */
  'DELETE /api/users/{id}': {
    params: {
      id: string
    }
    query?: {
      /** also its projects in which others work */
      withShared?: boolean
    }
    answer: undefined
  }
  /** A link that sets a new password, within a day */
  'POST /api/users/{id}/reset-link': {
    params: {
      id: string
    }
    answer: {
      /** works once, and is shown this once */
      link: string
      expiresAt: string
    }
  }
  /** A link that makes an account, within two weeks, also where signing up is closed; mailed to the email, if there is one and SMTP_URL is set */
  'POST /api/users/invitations': {
    body: {
      /** upper and lower case are the same */
      email?: string
      role?: 'admin' | 'teacher' | 'user'
    }
    answer: {
      id: string
      /** whom it is for alone */
      email: string | null
      role: 'admin' | 'teacher' | 'user'
      createdAt: string
      expiresAt: string
      /** works once, and is shown this once */
      link: string
      /** whether the mail server has taken it; if not, hand the link over yourself */
      mailed: boolean
    }
  }
  /** The invitations that nobody has used yet, the newest first */
  'GET /api/users/invitations': {
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
    }
    answer: {
      invitations: Array<{
        id: string
        /** whom it is for alone */
        email: string | null
        role: 'admin' | 'teacher' | 'user'
        createdAt: string
        expiresAt: string
      }>
      nextCursor: string | null
    }
  }
  /** Take an invitation back */
  'DELETE /api/users/invitations/{id}': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** Who you are to OpenID Connect providers that you sign in by, the newest first */
  'GET /auth/identities': {
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
    }
    answer: {
      identities: Array<{
        id: string
        /** the provider */
        issuer: string
        /** who you are to it */
        subject: string
        createdAt: string
      }>
      nextCursor: string | null
    }
  }
  /** Sign in by it no more; browsers that are signed in stay */
  'DELETE /auth/identities/{id}': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** What you use, and have used */
  'GET /auth/me/usage': {
    query?: {
      /** default 30 days ago */
      since?: string
      until?: string
    }
    answer: {
      since: string
      until: string
      /** begun in the time that was asked for, as far as their records are kept */
      runs: number
      /** of those runs */
      cpuSeconds: number
      projects: number
      projectsRunning: number
      snapshotBytes: number
    }
  }
  /** What everybody uses, and has used; for administrators */
  'GET /api/usage': {
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
      /** default 30 days ago */
      since?: string
      until?: string
    }
    answer: {
      since: string
      until: string
      users: Array<{
        id: string
        email: string | null
        /** begun in the time that was asked for, as far as their records are kept */
        runs: number
        /** of those runs */
        cpuSeconds: number
        projects: number
        projectsRunning: number
        snapshotBytes: number
      }>
      nextCursor: string | null
    }
  }
  /** All that is kept of you, as one JSON file, without secrets; the output of runs is at /api/sessions/:id/logs, files are at /projects/:id/archive */
  'GET /auth/me/export': {
    answer: {
      user: Record<string, unknown>
      identities: Array<Record<string, unknown>>
      keys: Array<Record<string, unknown>>
      sshKeys: Array<Record<string, unknown>>
      sessions: Array<Record<string, unknown>>
      projects: Array<Record<string, unknown>>
      memberships: Array<Record<string, unknown>>
      assignments: Array<Record<string, unknown>>
      snapshots: Array<Record<string, unknown>>
      runs: Array<Record<string, unknown>>
      audit: Array<Record<string, unknown>>
    }
  }
  /** Make a key, shown this once */
  'POST /auth/keys': {
    body: {
      name: string
      /** never, when left out */
      expiresAt?: string
    }
    answer: {
      id: string
      name: string
      /** the key's first characters */
      prefix: string
      createdAt: string
      expiresAt: string | null
      /** the key itself, shown this once */
      key: string
    }
  }
  /** Your keys, the newest first */
  'GET /auth/keys': {
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
    }
    answer: {
      keys: Array<{
        id: string
        name: string
        /** the key's first characters */
        prefix: string
        createdAt: string
        expiresAt: string | null
        lastUsedAt: string | null
        /** given by the server's configuration */
        predefined: boolean
      }>
      nextCursor: string | null
    }
  }
  /** Delete a key; it is dead at once, open sockets included */
  'DELETE /auth/keys/{id}': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** Add a public key, to sign in with by SSH */
  'POST /auth/ssh-keys': {
    body: {
      /** a line as in ~/.ssh/id_ed25519.pub: ssh-ed25519, ecdsa-sha2-nistp256, -384, -521, or ssh-rsa with 2048 bits or more */
      key: string
      /** default the key's comment */
      name?: string
    }
    answer: {
      id: string
      name: string
      type: string
      /** as ssh-keygen -l shows it */
      fingerprint: string
      createdAt: string
      lastUsedAt: string | null
    }
  }
  /** Your keys for SSH, the newest first */
  'GET /auth/ssh-keys': {
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
    }
    answer: {
      sshKeys: Array<{
        id: string
        name: string
        type: string
        /** as ssh-keygen -l shows it */
        fingerprint: string
        createdAt: string
        lastUsedAt: string | null
      }>
      nextCursor: string | null
    }
  }
  /** Delete a key; connections that it has opened end at once */
  'DELETE /auth/ssh-keys/{id}': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** What changes in your projects, as it happens: server-sent events */
  'GET /api/events': {
    query?: {
      /** of everybody's projects; for administrators */
      all?: boolean
    }
    answer: string
  }
  /** The languages that this server runs */
  'GET /api/languages': {
    answer: {
      languages: Array<{
        language: string
        name: string
        /** empty while the language is not ready */
        version: string
        aliases: Array<string>
        kind: 'interpreted' | 'compiled'
        extension: string
        /** what a program of one file is called */
        mainFile: string
        starter: string | null
        image: string
        limits: {
          /** milliseconds */
          timeout: number
          /** bytes */
          memory: number
          cpus: number
        }
        ready: boolean
        /** why its sandbox does not start; absent while only the image is missing */
        problem?: string
        project: {
          image: string
          /** whether it is built, so that projects can be started */
          ready: boolean
          step: string | null
          memory: number | null
          /** programs that it has for people of the language, beside those of all */
          tools: Array<string>
          /** what can be named in /projects/:id/language-servers/:language */
          languageServers: Array<string>
          /** extensions of files that can be formatted */
          formatters: Array<string>
          /** whether a berth.json may name "packages" */
          packages: boolean
        }
      }>
    }
  }
  /** One of them, with its files and commands */
  'GET /api/languages/{language}': {
    params: {
      /** or one of its aliases */
      language: string
    }
    answer: {
      language: string
      name: string
      /** empty while the language is not ready */
      version: string
      aliases: Array<string>
      kind: 'interpreted' | 'compiled'
      extension: string
      /** what a program of one file is called */
      mainFile: string
      starter: string | null
      image: string
      limits: {
        /** milliseconds */
        timeout: number
        /** bytes */
        memory: number
        cpus: number
      }
      ready: boolean
      /** why its sandbox does not start; absent while only the image is missing */
      problem?: string
      project: {
        image: string
        /** whether it is built, so that projects can be started */
        ready: boolean
        step: string | null
        memory: number | null
        /** programs that it has for people of the language, beside those of all */
        tools: Array<string>
        /** what can be named in /projects/:id/language-servers/:language */
        languageServers: Array<string>
        /** extensions of files that can be formatted */
        formatters: Array<string>
        /** whether a berth.json may name "packages" */
        packages: boolean
      }
      /** of sources, the usual one first */
      extensions: Array<string>
      commands: {
        compile: Array<string> | null
        /** {main}, {stem} and {sources} are the files, {out} where a compiler puts what it makes */
        run: Array<string>
      }
    }
  }
  /** Metrics for Prometheus */
  'GET /metrics': {
    answer: string
  }
  /** Run a program over a WebSocket, whose first message is {"type":"execute", …} */
  'GET /api/execute': {
    answer: unknown
  }
  /** Run a program */
  'POST /api/execute': {
    body: {
      /** a language of GET /api/languages or one of its aliases */
      language: string
      /** semver range such as "3.x"; default any */
      version?: string
      /** short for one file */
      code?: string
      files?: Array<{
        /** relative to the working directory, "/" between names */
        path: string
        content: string
        encoding?: 'utf8' | 'base64'
      }>
      /** path of the main file; default the first */
      entry?: string
      /** standard input */
      input?: string
      args?: Array<string>
      env?: Record<string, string>
      /** wall-clock limit in milliseconds */
      timeout?: number
      /** the same for the compiler */
      compileTimeout?: number
      /** bytes */
      memoryLimit?: number
      /** bytes, for each of output and error */
      outputLimit?: number
      /** globs of files to send back */
      artifacts?: Array<string>
      /** of output and error in the answer */
      encoding?: 'utf8' | 'base64'
      interactive?: boolean
    }
    answer: {
      sessionId: string
      language: string
      version: string
      status: 'completed' | 'runtime_error' | 'compile_error' | 'timeout' | 'memory_limit' | 'output_limit' | 'killed' | 'internal_error'
      exitCode: number | null
      signal: string | null
      output: string
      error: string
      /** wall-clock milliseconds from the start of the program to its end */
      executionTime: number
      /** user and system milliseconds of all its processes */
      cpuTime: number
      /** peak resident bytes of its largest process */
      memory: number
      truncated: {
        output: boolean
        error: boolean
      }
      compile?: {
        status: 'completed' | 'runtime_error' | 'compile_error' | 'timeout' | 'memory_limit' | 'output_limit' | 'killed' | 'internal_error'
        exitCode: number | null
        signal: string | null
        output: string
        error: string
        /** milliseconds */
        executionTime: number
      }
      artifacts?: Array<{
        path: string
        size: number
        mediaType: string
        /** base64 */
        content: string
      }>
      errorKind: 'syntax' | 'runtime' | null
      warnings: Array<string>
    } | {
      sessionId: string
      status: 'queued'
      /** of the WebSocket, or by GET of the event stream, that follows the session */
      url: string
    }
  }
  /** Follow a session, as a WebSocket or as server-sent events */
  'GET /api/execute/{sessionId}': {
    params: {
      sessionId: string
    }
    query?: {
      /** the last output message that the client has */
      since?: number
    }
    answer: unknown
  }
  /** Start a program for at most five minutes */
  'POST /api/run-backend': {
    body: {
      code: string
      /** a language of GET /api/languages or one of its aliases */
      language: string
      /** the caller's own names, for the server's log */
      userContext?: {
        userId?: string
        roomId?: string
        sessionName?: string
      }
    }
    answer: {
      sessionId: string
      containerId: string
      status: 'running'
    }
  }
  /** What a program prints, line by line, as a WebSocket */
  'GET /api/run-backend/ws/{sessionId}': {
    params: {
      sessionId: string
    }
    answer: unknown
  }
  /** Your runs, the newest first */
  'GET /api/sessions': {
    query?: {
      limit?: number
      cursor?: string
      status?: 'queued' | 'compiling' | 'running' | 'completed' | 'runtime_error' | 'compile_error' | 'timeout' | 'memory_limit' | 'output_limit' | 'killed' | 'internal_error'
      language?: string
    }
    answer: {
      sessions: Array<{
        sessionId: string
        language: string
        version: string
        interactive: boolean
        status: 'queued' | 'compiling' | 'running' | 'completed' | 'runtime_error' | 'compile_error' | 'timeout' | 'memory_limit' | 'output_limit' | 'killed' | 'internal_error'
        message: string | null
        exitCode: number | null
        signal: string | null
        executionTime: number | null
        cpuTime: number | null
        memory: number | null
        /** whether the end of the output was not recorded */
        logTruncated: boolean
        createdAt: string
        startedAt: string | null
        finishedAt: string | null
      }>
      nextCursor: string | null
    }
  }
  /** One run, with its result once it has ended */
  'GET /api/sessions/{sessionId}': {
    params: {
      sessionId: string
    }
    answer: {
      sessionId: string
      language: string
      version: string
      interactive: boolean
      status: 'queued' | 'compiling' | 'running' | 'completed' | 'runtime_error' | 'compile_error' | 'timeout' | 'memory_limit' | 'output_limit' | 'killed' | 'internal_error'
      message: string | null
      exitCode: number | null
      signal: string | null
      executionTime: number | null
      cpuTime: number | null
      memory: number | null
      /** whether the end of the output was not recorded */
      logTruncated: boolean
      createdAt: string
      startedAt: string | null
      finishedAt: string | null
      result: {
        sessionId: string
        language: string
        version: string
        status: 'completed' | 'runtime_error' | 'compile_error' | 'timeout' | 'memory_limit' | 'output_limit' | 'killed' | 'internal_error'
        exitCode: number | null
        signal: string | null
        /** wall-clock milliseconds from the start of the program to its end */
        executionTime: number
        /** user and system milliseconds of all its processes */
        cpuTime: number
        /** peak resident bytes of its largest process */
        memory: number
        truncated: {
          output: boolean
          error: boolean
        }
        errorKind: 'syntax' | 'runtime' | null
        warnings: Array<string>
        compile?: {
          status: 'completed' | 'runtime_error' | 'compile_error' | 'timeout' | 'memory_limit' | 'output_limit' | 'killed' | 'internal_error'
          exitCode: number | null
          signal: string | null
          /** milliseconds */
          executionTime: number
        }
      } | null
    }
  }
  /** Kill a run with everything it has started */
  'DELETE /api/sessions/{sessionId}': {
    params: {
      sessionId: string
    }
    answer: undefined
  }
  /** What a run has printed so far */
  'GET /api/sessions/{sessionId}/logs': {
    params: {
      sessionId: string
    }
    query?: {
      /** the last message that the client has */
      since?: number
      /** the same, as nextCursor gives it */
      cursor?: string
      limit?: number
    }
    answer: {
      logs: Array<{
        seq: number
        stage: 'compile' | 'run'
        stream: 'stdout' | 'stderr'
        data: string
        timestamp: string
      }>
      nextCursor: string | null
    }
  }
  /** Give a running program input, its end, a signal, or kill it */
  'POST /api/sessions/{sessionId}/messages': {
    params: {
      sessionId: string
    }
    body: {
      type: 'input'
      data: string
    } | {
      type: 'eof'
    } | {
      type: 'signal'
      signal: 'SIGHUP' | 'SIGINT' | 'SIGQUIT' | 'SIGILL' | 'SIGTRAP' | 'SIGABRT' | 'SIGBUS' | 'SIGFPE' | 'SIGKILL' | 'SIGUSR1' | 'SIGSEGV' | 'SIGUSR2' | 'SIGPIPE' | 'SIGALRM' | 'SIGTERM' | 'SIGCHLD' | 'SIGSTKFLT' | 'SIGCONT' | 'SIGSTOP' | 'SIGTSTP' | 'SIGTTIN' | 'SIGTTOU' | 'SIGURG' | 'SIGXCPU' | 'SIGXFSZ' | 'SIGVTALRM' | 'SIGPROF' | 'SIGWINCH' | 'SIGIO' | 'SIGPWR' | 'SIGSYS'
    } | {
      type: 'kill'
    }
    answer: undefined
  }
  /** The languages that can be run now */
  'GET /api/v2/runtimes': {
    answer: Array<{
      language: string
      version: string
      aliases: Array<string>
    }>
  }
  /** Run a program and wait for its result */
  'POST /api/v2/execute': {
    body: {
      /** a language of GET /api/v2/runtimes or one of its aliases */
      language: string
      /** semver selector such as "3.x" or "*" */
      version: string
      /** the first that is text is the main file */
      files: Array<{
        /** default one that the language's tools take */
        name?: string
        content: string
        encoding?: 'utf8' | 'base64' | 'hex'
      }>
      stdin?: string
      args?: Array<string>
      /** wall-clock milliseconds; default 10000 */
      compile_timeout?: number
      /** wall-clock milliseconds; default 3000 */
      run_timeout?: number
      /** milliseconds; default 10000 */
      compile_cpu_time?: number
      /** milliseconds; default 3000 */
      run_cpu_time?: number
      /** bytes; default -1, as much as the server allows */
      compile_memory_limit?: number
      /** bytes; default -1, as much as the server allows */
      run_memory_limit?: number
    }
    answer: {
      language: string
      version: string
      compile?: {
        stdout: string
        stderr: string
        /** stdout and stderr in the order in which they came */
        output: string
        code: number | null
        signal: string | null
        message: string | null
        status: 'RE' | 'SG' | 'TO' | 'OL' | 'EL' | null
        cpu_time: number | null
        wall_time: number | null
        memory: number | null
      }
      run: {
        stdout: string
        stderr: string
        /** stdout and stderr in the order in which they came */
        output: string
        code: number | null
        signal: string | null
        message: string | null
        status: 'RE' | 'SG' | 'TO' | 'OL' | 'EL' | null
        cpu_time: number | null
        wall_time: number | null
        memory: number | null
      }
    }
  }
  /** Run a program over a WebSocket, whose first message is {"type":"init", …} */
  'GET /api/v2/connect': {
    answer: unknown
  }
  /** The images that sandboxes are made of, and how far those are that are missing; for administrators */
  'GET /api/builds': {
    answer: {
      builds: Array<{
        image: string
        reference: string
        state: 'ready' | 'missing' | 'queued' | 'building' | 'failed'
        step: string | null
        error: string | null
        startedAt: string | null
        endedAt: string | null
      }>
    }
  }
  /** Build what is missing, also what has failed before; for administrators */
  'POST /api/builds': {
    answer: unknown
  }
  /** One of them, with what its build has printed; for administrators */
  'GET /api/builds/{image}': {
    params: {
      image: string
    }
    answer: {
      build: {
        image: string
        reference: string
        state: 'ready' | 'missing' | 'queued' | 'building' | 'failed'
        step: string | null
        error: string | null
        startedAt: string | null
        endedAt: string | null
        /** the end of what was printed */
        log: string
      }
    }
  }
  /** Versions, capacity and latency of this server */
  'GET /api/system': {
    answer: {
      version: string
      /** milliseconds */
      uptime: number
      engine: {
        version: string | null
        apiVersion: string | null
        reachable: boolean
      }
      network: {
        /** what projects may reach */
        egress: 'internet' | 'none' | 'list' | 'unfiltered'
        /** where its rules are set; null when there are none */
        enforcedBy: string | null
        previewPortPublished: boolean
        /** what is not as it was asked for, and what to do about it */
        problem: string | null
      }
      ssh: {
        host: string
        port: number
        hostKey: {
          type: string
          /** as clients ask whether it is right */
          fingerprint: string
        }
      } | null
      capacity: {
        running: number
        queued: number
        /** at once */
        concurrency: number
        /** beyond it, of owners who have hardly run anything lately, one each */
        burst: number
        /** interactive sessions and backends, which have slots of their own */
        sessions: {
          running: number
          queued: number
          /** at once */
          concurrency: number
          /** beyond it, of owners who have hardly run anything lately, one each */
          burst: number
        }
        /** fresh sandboxes waiting, by language */
        warm: Record<string, number>
      }
      /** of the file system of projects' files; with less than `reserve` free, starts, uploads, clones, forks, restores and builds are refused with DISK_FULL */
      disk: {
        /** what bounds a project's files while its programs write: quota is the file system itself, guard measures those that write and stops what is too large */
        enforcement: 'quota' | 'guard' | null
        /** bytes; null while the Engine does not tell */
        total: number | null
        /** bytes; null while the Engine does not tell */
        free: number | null
        /** bytes; null while the Engine does not tell */
        reserve: number | null
        /** of the file system of DATA_DIR */
        data: {
          total: number
          free: number
          reserve: number
        } | null
      }
      latency: {
        /** milliseconds; null before the first run */
        p50: number | null
        /** milliseconds; null before the first run */
        p95: number | null
        /** milliseconds; null before the first run */
        p99: number | null
      }
    }
  }
  /** What the project's shells and commands have in their environment */
  'GET /projects/{id}/env': {
    params: {
      id: string
    }
    answer: {
      env: Record<string, string>
    }
  }
  /** Set several variables; those that are not named stay */
  'PUT /projects/{id}/env': {
    params: {
      id: string
    }
    body: {
      env: Record<string, string>
    }
    answer: {
      env: Record<string, string>
    }
  }
  /** The names of the project's secrets; their values never come back */
  'GET /projects/{id}/secrets': {
    params: {
      id: string
    }
    answer: {
      secrets: Array<{
        name: string
        updatedAt: string
      }>
    }
  }
  /** Set a variable, for shells and commands that are started from then on */
  'PUT /projects/{id}/env/{name}': {
    params: {
      id: string
      name: string
    }
    body: {
      value: string
    }
    answer: undefined
  }
  /** Delete a variable */
  'DELETE /projects/{id}/env/{name}': {
    params: {
      id: string
      name: string
    }
    answer: undefined
  }
  /** Set a secret, for shells and commands that are started from then on */
  'PUT /projects/{id}/secrets/{name}': {
    params: {
      id: string
      name: string
    }
    body: {
      value: string
    }
    answer: undefined
  }
  /** Delete a secret */
  'DELETE /projects/{id}/secrets/{name}': {
    params: {
      id: string
      name: string
    }
    answer: undefined
  }
  /** Open a private preview in the browser that is signed in here */
  'GET /preview/handover': {
    query: {
      project: string
      port: number
      /** where in the preview to arrive */
      path?: string
      /** whether this is the second try of a browser */
      again?: boolean
    }
    answer: unknown
  }
  /** A directory's entries, by name, each directory before its content. As a WebSocket: requests, and what changes */
  'GET /projects/{id}/files': {
    params: {
      id: string
    }
    query?: {
      /** a directory; "/" is the project's own */
      path?: string
      depth?: number
      limit?: number
      cursor?: string
      /** names of directories whose content is left out */
      exclude?: Array<string>
    }
    answer: {
      entries: Array<{
        /** relative to the project's directory; bytes that are not UTF-8 are U+DC80 to U+DCFF */
        path: string
        /** other: a FIFO, a socket or a device */
        type: 'file' | 'directory' | 'symlink' | 'other'
        size: number
        mtime: string
        /** permission bits */
        mode: number
        /** what a symlink says */
        target?: string
        etag: string
      }>
      /** there is more, also where a directory could not be read */
      truncated: boolean
      nextCursor: string | null
    }
  }
  /** Make a directory, or move or copy a file or a directory */
  'POST /projects/{id}/files': {
    params: {
      id: string
    }
    body: {
      op: 'mkdir'
      /** relative to the project's directory */
      path: string
    } | {
      op: 'move' | 'copy'
      /** relative to the project's directory */
      path: string
      /** relative to the project's directory */
      to: string
      overwrite?: boolean
    }
    answer: {
      /** relative to the project's directory; bytes that are not UTF-8 are U+DC80 to U+DCFF */
      path: string
      /** other: a FIFO, a socket or a device */
      type: 'file' | 'directory' | 'symlink' | 'other'
      size: number
      mtime: string
      /** permission bits */
      mode: number
      /** what a symlink says */
      target?: string
      etag: string
    }
  }
  /** Look for files by name and content */
  'GET /projects/{id}/find': {
    params: {
      id: string
    }
    query?: {
      /** the directory to look in */
      path?: string
      /** a glob, such as `*.ts`; with a slash in it, on the path, where `**` is any number of directories */
      name?: string
      /** in the content, within a line */
      text?: string
      /** of ASCII letters */
      ignoreCase?: boolean
      limit?: number
      /** names of directories whose content is left out */
      exclude?: Array<string>
    }
    answer: {
      matches: Array<{
        path: string
        /** other: a FIFO, a socket or a device */
        type: 'file' | 'directory' | 'symlink' | 'other'
        line: number | null
        column: number | null
        text: string | null
      }>
      truncated: boolean
    }
  }
  /** A file's bytes; Range and the If-… headers are heeded */
  'GET /projects/{id}/files/{*}': {
    params: {
      id: string
      /** path in the project, percent-encoded; a name that is not UTF-8 byte by byte */
      '*': string
    }
    query?: {
      /** for a browser: save it rather than show it */
      download?: boolean
    }
    answer: unknown
  }
  /** Write a file: it is there whole, or what was there before. Parents are made */
  'PUT /projects/{id}/files/{*}': {
    params: {
      id: string
      /** path in the project, percent-encoded; a name that is not UTF-8 byte by byte */
      '*': string
    }
    answer: unknown
  }
  /** Delete a file, or a directory with all that it holds */
  'DELETE /projects/{id}/files/{*}': {
    params: {
      id: string
      /** path in the project, percent-encoded; a name that is not UTF-8 byte by byte */
      '*': string
    }
    answer: undefined
  }
  /** All files of a project in one archive */
  'GET /projects/{id}/archive': {
    params: {
      id: string
    }
    query?: {
      format?: 'tar.gz' | 'zip'
      /** names of files and directories to be left out, such as node_modules */
      exclude?: Array<string>
    }
    answer: unknown
  }
  /** Put the files of a tar, tar.gz or zip into a project, all or none */
  'PUT /projects/{id}/archive': {
    params: {
      id: string
    }
    query?: {
      /** whether what is not in the archive goes */
      replace?: boolean
    }
    answer: {
      /** files, directories and links of the archive */
      members: number
      /** bytes of its files */
      size: number
    }
  }
  /** Keep all files of a project as they are now */
  'POST /projects/{id}/snapshots': {
    params: {
      id: string
    }
    body: {
      /** without control characters, and without blanks at its ends */
      name?: string
    } | null
    answer: {
      id: string
      name: string | null
      /** automatic ones are made while a project runs and when it has stopped, if files have changed, and before others are restored; they go by themselves */
      kind: 'manual' | 'automatic'
      /** bytes that it takes, compressed, without those of the full one that it may be the difference to */
      size: number
      /** whether it is stored as the difference to a full one */
      differential: boolean
      files: number
      /** sockets, FIFOs, devices, and what could not be read */
      leftOut: number
      /** SHA-256 in hex */
      checksum: string
      createdAt: string
    }
  }
  /** Snapshots of a project, the newest first */
  'GET /projects/{id}/snapshots': {
    params: {
      id: string
    }
    query?: {
      limit?: number
      cursor?: string
    }
    answer: {
      snapshots: Array<{
        id: string
        name: string | null
        /** automatic ones are made while a project runs and when it has stopped, if files have changed, and before others are restored; they go by themselves */
        kind: 'manual' | 'automatic'
        /** bytes that it takes, compressed, without those of the full one that it may be the difference to */
        size: number
        /** whether it is stored as the difference to a full one */
        differential: boolean
        files: number
        /** sockets, FIFOs, devices, and what could not be read */
        leftOut: number
        /** SHA-256 in hex */
        checksum: string
        createdAt: string
      }>
      nextCursor: string | null
    }
  }
  /** A snapshot */
  'GET /projects/{id}/snapshots/{snapshot}': {
    params: {
      id: string
      snapshot: string
    }
    answer: {
      id: string
      name: string | null
      /** automatic ones are made while a project runs and when it has stopped, if files have changed, and before others are restored; they go by themselves */
      kind: 'manual' | 'automatic'
      /** bytes that it takes, compressed, without those of the full one that it may be the difference to */
      size: number
      /** whether it is stored as the difference to a full one */
      differential: boolean
      files: number
      /** sockets, FIFOs, devices, and what could not be read */
      leftOut: number
      /** SHA-256 in hex */
      checksum: string
      createdAt: string
    }
  }
  /** Delete a snapshot */
  'DELETE /projects/{id}/snapshots/{snapshot}': {
    params: {
      id: string
      snapshot: string
    }
    answer: undefined
  }
  /** Make a project's files those of a snapshot */
  'POST /projects/{id}/snapshots/{snapshot}/restore': {
    params: {
      id: string
      snapshot: string
    }
    answer: {
      id: string
      name: string | null
      /** automatic ones are made while a project runs and when it has stopped, if files have changed, and before others are restored; they go by themselves */
      kind: 'manual' | 'automatic'
      /** bytes that it takes, compressed, without those of the full one that it may be the difference to */
      size: number
      /** whether it is stored as the difference to a full one */
      differential: boolean
      files: number
      /** sockets, FIFOs, devices, and what could not be read */
      leftOut: number
      /** SHA-256 in hex */
      checksum: string
      createdAt: string
    }
  }
  /** Make a new project with the files that this one has now */
  'POST /projects/{id}/fork': {
    params: {
      id: string
    }
    body: {
      /** without control characters, and without blanks at its ends */
      name?: string
    } | null
    answer: {
      id: string
      name: string
      /** the language's own name, also where an alias was given */
      runtime: string
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      /** who may look at what the project serves */
      previews: 'private' | 'public'
      /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
      network: 'internet' | 'none'
      /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
      memory: number
      /** CPUs, likewise */
      cpus: number
      source: {
        url: string
        ref: string | null
        commit: string | null
        status: 'cloning' | 'ready' | 'failed'
        error: string | null
      } | null
      createdAt: string
      updatedAt: string
      lastActiveAt: string
      /** what you may do: look, work in it, or all */
      role: 'viewer' | 'editor' | 'owner'
    }
  }
  /** Run a command in a project and wait for its end */
  'POST /projects/{id}/exec': {
    params: {
      id: string
    }
    body: {
      cmd: string | Array<string>
      /** relative to the project's directory */
      cwd?: string
      env?: Record<string, string>
      /** standard input */
      input?: string
      /** wall-clock limit in milliseconds; default 60 s */
      timeout?: number
    }
    answer: {
      output: string
      error: string
      exitCode: number | null
      signal: string | null
      status: 'completed' | 'runtime_error' | 'timeout' | 'memory_limit' | 'output_limit' | 'killed'
      /** wall-clock milliseconds from the start of the command to its end */
      executionTime: number
      truncated: {
        output: boolean
        error: boolean
      }
      /** what the command has started and left running, at most 64: it runs on until it ends, is killed, or the project is stopped */
      left: Array<{
        pid: number
        name: string
      }>
    }
  }
  /** What is checked out, staged and changed */
  'GET /projects/{id}/git/status': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
      /** normal: a directory without tracked files as one, with a slash at its end */
      untracked?: 'no' | 'normal' | 'all'
    }
    answer: {
      branch: {
        name: string | null
        commit: string | null
        upstream: string | null
        ahead: number | null
        behind: number | null
      }
      entries: Array<{
        /** relative to the repository; "/" is all of it. Bytes that are not UTF-8 are U+DC80 to U+DCFF */
        path: string
        from: string | null
        /** what is staged, against the commit */
        index: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        /** what is in the file, against what is staged */
        worktree: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        conflict: 'both_deleted' | 'added_by_us' | 'deleted_by_them' | 'added_by_them' | 'deleted_by_us' | 'both_added' | 'both_modified' | null
        isSubmodule: boolean
      }>
      /** there are more entries */
      truncated: boolean
    }
  }
  /** Changes that are not staged, that are, or of a commit */
  'GET /projects/{id}/git/diff': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
      /** relative to the repository; "/" is all of it. Bytes that are not UTF-8 are U+DC80 to U+DCFF */
      path?: string
      /** what is staged against the commit, rather than files against what is staged */
      staged?: boolean
      /** a branch, a tag, a whole hash or HEAD */
      commit?: string
      /** lines around each change */
      context?: number
    }
    answer: {
      files: Array<{
        path: string
        from: string | null
        additions: number | null
        deletions: number | null
      }>
      /** as git prints it; bytes that are not UTF-8 become U+FFFD */
      patch: string
      /** it was longer than 2 MiB */
      truncated: boolean
    }
  }
  /** Commits, the newest first */
  'GET /projects/{id}/git/log': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
      /** a branch, a tag, a whole hash or HEAD */
      ref?: string
      /** relative to the repository; "/" is all of it. Bytes that are not UTF-8 are U+DC80 to U+DCFF */
      path?: string
      limit?: number
      cursor?: string
    }
    answer: {
      commits: Array<{
        /** hash of a commit */
        commit: string
        parents: Array<string>
        author: {
          name: string
          email: string
          at: string
        }
        committer: {
          name: string
          email: string
          at: string
        }
        message: string
      }>
      nextCursor: string | null
    }
  }
  /** Branches here, and those of remotes as they were last fetched */
  'GET /projects/{id}/git/branches': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    answer: {
      branches: Array<{
        name: string
        /** as a remote had it when it was last fetched */
        isRemote: boolean
        isCurrent: boolean
        commit: string | null
        /** first line of its newest commit */
        subject: string
        upstream: string | null
        ahead: number | null
        behind: number | null
      }>
      truncated: boolean
    }
  }
  /** Make a branch, of what is checked out or of "from" */
  'POST /projects/{id}/git/branches': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    body: {
      name: string
      /** a branch, a tag, a whole hash or HEAD */
      from?: string
      checkout?: boolean
    }
    answer: {
      name: string
      /** as a remote had it when it was last fetched */
      isRemote: boolean
      isCurrent: boolean
      commit: string | null
      /** first line of its newest commit */
      subject: string
      upstream: string | null
      ahead: number | null
      behind: number | null
    }
  }
  /** Where commits are fetched from and pushed to */
  'GET /projects/{id}/git/remotes': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    answer: {
      remotes: Array<{
        name: string
        url: string
        pushUrl: string | null
      }>
    }
  }
  /** Add a place to fetch from and push to */
  'POST /projects/{id}/git/remotes': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    body: {
      name: string
      /** https, http, git or ssh */
      url: string
    }
    answer: {
      remotes: Array<{
        name: string
        url: string
        pushUrl: string | null
      }>
    }
  }
  /** Make a repository, or do nothing where there is one */
  'POST /projects/{id}/git/init': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    body: {
      branch?: string
    }
    answer: {
      branch: {
        name: string | null
        commit: string | null
        upstream: string | null
        ahead: number | null
        behind: number | null
      }
      entries: Array<{
        /** relative to the repository; "/" is all of it. Bytes that are not UTF-8 are U+DC80 to U+DCFF */
        path: string
        from: string | null
        /** what is staged, against the commit */
        index: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        /** what is in the file, against what is staged */
        worktree: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        conflict: 'both_deleted' | 'added_by_us' | 'deleted_by_them' | 'added_by_them' | 'deleted_by_us' | 'both_added' | 'both_modified' | null
        isSubmodule: boolean
      }>
      /** there are more entries */
      truncated: boolean
    }
  }
  /** Put changes into the next commit */
  'POST /projects/{id}/git/stage': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    body: {
      paths: Array<string>
    }
    answer: {
      branch: {
        name: string | null
        commit: string | null
        upstream: string | null
        ahead: number | null
        behind: number | null
      }
      entries: Array<{
        /** relative to the repository; "/" is all of it. Bytes that are not UTF-8 are U+DC80 to U+DCFF */
        path: string
        from: string | null
        /** what is staged, against the commit */
        index: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        /** what is in the file, against what is staged */
        worktree: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        conflict: 'both_deleted' | 'added_by_us' | 'deleted_by_them' | 'added_by_them' | 'deleted_by_us' | 'both_added' | 'both_modified' | null
        isSubmodule: boolean
      }>
      /** there are more entries */
      truncated: boolean
    }
  }
  /** Take changes out of the next commit; files stay as they are */
  'POST /projects/{id}/git/unstage': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    body: {
      paths: Array<string>
    }
    answer: {
      branch: {
        name: string | null
        commit: string | null
        upstream: string | null
        ahead: number | null
        behind: number | null
      }
      entries: Array<{
        /** relative to the repository; "/" is all of it. Bytes that are not UTF-8 are U+DC80 to U+DCFF */
        path: string
        from: string | null
        /** what is staged, against the commit */
        index: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        /** what is in the file, against what is staged */
        worktree: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        conflict: 'both_deleted' | 'added_by_us' | 'deleted_by_them' | 'added_by_them' | 'deleted_by_us' | 'both_added' | 'both_modified' | null
        isSubmodule: boolean
      }>
      /** there are more entries */
      truncated: boolean
    }
  }
  /** Put files back as they are staged: what they had besides is lost */
  'POST /projects/{id}/git/discard': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    body: {
      paths: Array<string>
      /** delete files that git does not know, too, unless they are ignored */
      untracked?: boolean
    }
    answer: {
      branch: {
        name: string | null
        commit: string | null
        upstream: string | null
        ahead: number | null
        behind: number | null
      }
      entries: Array<{
        /** relative to the repository; "/" is all of it. Bytes that are not UTF-8 are U+DC80 to U+DCFF */
        path: string
        from: string | null
        /** what is staged, against the commit */
        index: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        /** what is in the file, against what is staged */
        worktree: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        conflict: 'both_deleted' | 'added_by_us' | 'deleted_by_them' | 'added_by_them' | 'deleted_by_us' | 'both_added' | 'both_modified' | null
        isSubmodule: boolean
      }>
      /** there are more entries */
      truncated: boolean
    }
  }
  /** Take a merge or a rebase back that has stopped at a conflict */
  'POST /projects/{id}/git/abort': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    answer: {
      branch: {
        name: string | null
        commit: string | null
        upstream: string | null
        ahead: number | null
        behind: number | null
      }
      entries: Array<{
        /** relative to the repository; "/" is all of it. Bytes that are not UTF-8 are U+DC80 to U+DCFF */
        path: string
        from: string | null
        /** what is staged, against the commit */
        index: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        /** what is in the file, against what is staged */
        worktree: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        conflict: 'both_deleted' | 'added_by_us' | 'deleted_by_them' | 'added_by_them' | 'deleted_by_us' | 'both_added' | 'both_modified' | null
        isSubmodule: boolean
      }>
      /** there are more entries */
      truncated: boolean
    }
  }
  /** Commit what is staged, by your account's name and email */
  'POST /projects/{id}/git/commit': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    body: {
      /** needed unless a commit is amended */
      message?: string
      /** with all changes of files that git knows */
      all?: boolean
      /** in place of the newest commit */
      amend?: boolean
      allowEmpty?: boolean
      author?: {
        name: string
        email: string
      }
    }
    answer: {
      /** hash of a commit */
      commit: string
      parents: Array<string>
      author: {
        name: string
        email: string
        at: string
      }
      committer: {
        name: string
        email: string
        at: string
      }
      message: string
    }
  }
  /** Delete a branch */
  'DELETE /projects/{id}/git/branches/{*}': {
    params: {
      id: string
      /** name of the branch */
      '*': string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
      /** also one with commits that no other branch has */
      force?: boolean
    }
    answer: undefined
  }
  /** Go to a branch, a tag or a commit; changes that would be lost keep it from that */
  'POST /projects/{id}/git/checkout': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    body: {
      /** a branch, a tag, a whole hash or HEAD */
      ref: string
    }
    answer: {
      branch: {
        name: string | null
        commit: string | null
        upstream: string | null
        ahead: number | null
        behind: number | null
      }
      entries: Array<{
        /** relative to the repository; "/" is all of it. Bytes that are not UTF-8 are U+DC80 to U+DCFF */
        path: string
        from: string | null
        /** what is staged, against the commit */
        index: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        /** what is in the file, against what is staged */
        worktree: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        conflict: 'both_deleted' | 'added_by_us' | 'deleted_by_them' | 'added_by_them' | 'deleted_by_us' | 'both_added' | 'both_modified' | null
        isSubmodule: boolean
      }>
      /** there are more entries */
      truncated: boolean
    }
  }
  /** Forget a remote, and what was fetched of it */
  'DELETE /projects/{id}/git/remotes/{remote}': {
    params: {
      id: string
      remote: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    answer: undefined
  }
  /** Get what a remote has, without changing a branch or a file */
  'POST /projects/{id}/git/fetch': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    body: {
      remote?: string
      /** forget branches that the remote has not got any more */
      prune?: boolean
    }
    answer: {
      branch: {
        name: string | null
        commit: string | null
        upstream: string | null
        ahead: number | null
        behind: number | null
      }
      entries: Array<{
        /** relative to the repository; "/" is all of it. Bytes that are not UTF-8 are U+DC80 to U+DCFF */
        path: string
        from: string | null
        /** what is staged, against the commit */
        index: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        /** what is in the file, against what is staged */
        worktree: 'unmodified' | 'modified' | 'type_changed' | 'added' | 'deleted' | 'renamed' | 'copied' | 'unmerged' | 'untracked' | 'ignored'
        conflict: 'both_deleted' | 'added_by_us' | 'deleted_by_them' | 'added_by_them' | 'deleted_by_us' | 'both_added' | 'both_modified' | null
        isSubmodule: boolean
      }>
      /** there are more entries */
      truncated: boolean
    }
  }
  /** Get what a branch of a remote has into the one that is checked out */
  'POST /projects/{id}/git/pull': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    body: {
      remote?: string
      branch?: string
      /** what to do where both sides have commits that the other has not got */
      strategy?: 'ff-only' | 'merge' | 'rebase'
    }
    answer: {
      before: string | null
      /** hash of a commit */
      commit: string
    }
  }
  /** Send a branch to a remote */
  'POST /projects/{id}/git/push': {
    params: {
      id: string
    }
    query?: {
      /** where the repository is, relative to the project's directory; default that */
      directory?: string
    }
    body: {
      remote?: string
      branch?: string
      /** the branch follows that of the remote from then on */
      setUpstream?: boolean
      /** replace what was last fetched of the remote's branch, and nothing newer */
      force?: boolean
    }
    answer: {
      remote: string
      refs: Array<{
        from: string
        to: string
        result: 'new' | 'updated' | 'forced' | 'deleted' | 'up_to_date' | 'rejected'
        summary: string
      }>
    }
  }
  /** The hosts that the project's git can sign in to; passwords never come back */
  'GET /projects/{id}/git/credentials': {
    params: {
      id: string
    }
    answer: {
      credentials: Array<{
        host: string
        username: string
        updatedAt: string
      }>
    }
  }
  /** What fetch, pull and push show to a host by https: a name, and a password or token */
  'PUT /projects/{id}/git/credentials/{host}': {
    params: {
      id: string
      /** with its port where that is not 443 */
      host: string
    }
    body: {
      username: string
      password: string
    }
    answer: undefined
  }
  /** Delete what is kept for a host */
  'DELETE /projects/{id}/git/credentials/{host}': {
    params: {
      id: string
      /** with its port where that is not 443 */
      host: string
    }
    answer: undefined
  }
  /** A process with all that it has started; as a WebSocket of the subprotocol term.v1 or term.raw, its output and input */
  'GET /projects/{id}/processes/{process}': {
    params: {
      id: string
      process: string
    }
    query?: {
      cols?: number
      rows?: number
      /** position from which on bytes are wanted; default all that are kept */
      since?: number
    }
    answer: {
      id: string
      name: string | null
      cmd: string | Array<string>
      cwd: string | null
      pid: number | null
      status: 'running' | 'exited' | 'restarting'
      exitCode: number | null
      signal: string | null
      startedAt: string | null
      endedAt: string | null
      restarts: number
      restart: 'never' | 'on-failure' | 'always'
      keep: boolean
      keepAwake: boolean
      size: {
        cols: number
        rows: number
      } | null
      output: {
        /** position of the oldest byte that is kept */
        first: number
        /** bytes printed so far */
        end: number
      }
      usage: {
        /** milliseconds of CPU time, of what runs at the moment */
        cpuTime: number
        /** resident bytes */
        memory: number
      }
      ports: Array<number>
      /** itself and what it has started, as long as they run */
      tree: Array<{
        pid: number
        parent: number
        name: string
        /** its arguments, cut off after 256 bytes */
        command: Array<string>
        usage: {
          /** milliseconds of CPU time, of what runs at the moment */
          cpuTime: number
          /** resident bytes */
          memory: number
        }
        ports: Array<number>
      }>
    }
  }
  /** End a process with everything that it has started, and forget it */
  'DELETE /projects/{id}/processes/{process}': {
    params: {
      id: string
      process: string
    }
    answer: undefined
  }
  /** Start a process in a project, which lives on when nobody is connected */
  'POST /projects/{id}/processes': {
    params: {
      id: string
    }
    body: {
      cmd: string | Array<string>
      /** relative to the project's directory */
      cwd?: string
      env?: Record<string, string>
      /** for lists; a service needs one of its own */
      name?: string
      /** whether it is given a terminal */
      tty?: boolean
      size?: {
        cols: number
        rows: number
      }
      /** a service: it starts again with the project */
      keep?: boolean
      /** a service may keep its project from being stopped as idle, for as long as the server allows */
      keepAwake?: boolean
      /** what happens when it ends by itself; default never, of services on-failure */
      restart?: 'never' | 'on-failure' | 'always'
    }
    answer: {
      id: string
      name: string | null
      cmd: string | Array<string>
      cwd: string | null
      pid: number | null
      status: 'running' | 'exited' | 'restarting'
      exitCode: number | null
      signal: string | null
      startedAt: string | null
      endedAt: string | null
      restarts: number
      restart: 'never' | 'on-failure' | 'always'
      keep: boolean
      keepAwake: boolean
      size: {
        cols: number
        rows: number
      } | null
      output: {
        /** position of the oldest byte that is kept */
        first: number
        /** bytes printed so far */
        end: number
      }
      usage: {
        /** milliseconds of CPU time, of what runs at the moment */
        cpuTime: number
        /** resident bytes */
        memory: number
      }
      ports: Array<number>
      /** itself and what it has started, as long as they run */
      tree: Array<{
        pid: number
        parent: number
        name: string
        /** its arguments, cut off after 256 bytes */
        command: Array<string>
        usage: {
          /** milliseconds of CPU time, of what runs at the moment */
          cpuTime: number
          /** resident bytes */
          memory: number
        }
        ports: Array<number>
      }>
    }
  }
  /** What runs in a project, and what has ended lately */
  'GET /projects/{id}/processes': {
    params: {
      id: string
    }
    answer: {
      processes: Array<{
        id: string
        name: string | null
        cmd: string | Array<string>
        cwd: string | null
        pid: number | null
        status: 'running' | 'exited' | 'restarting'
        exitCode: number | null
        signal: string | null
        startedAt: string | null
        endedAt: string | null
        restarts: number
        restart: 'never' | 'on-failure' | 'always'
        keep: boolean
        keepAwake: boolean
        size: {
          cols: number
          rows: number
        } | null
        output: {
          /** position of the oldest byte that is kept */
          first: number
          /** bytes printed so far */
          end: number
        }
        usage: {
          /** milliseconds of CPU time, of what runs at the moment */
          cpuTime: number
          /** resident bytes */
          memory: number
        }
        ports: Array<number>
        /** itself and what it has started, as long as they run */
        tree: Array<{
          pid: number
          parent: number
          name: string
          /** its arguments, cut off after 256 bytes */
          command: Array<string>
          usage: {
            /** milliseconds of CPU time, of what runs at the moment */
            cpuTime: number
            /** resident bytes */
            memory: number
          }
          ports: Array<number>
        }>
      }>
      /** what else runs: what commands have left running */
      others: Array<{
        /** with which it can be looked at and ended */
        id: string
        pid: number
        parent: number
        name: string
        /** its arguments, cut off after 256 bytes */
        command: Array<string>
        usage: {
          /** milliseconds of CPU time, of what runs at the moment */
          cpuTime: number
          /** resident bytes */
          memory: number
        }
        ports: Array<number>
      }>
      nextCursor: string | null
    }
  }
  /** Give a process something to read */
  'POST /projects/{id}/processes/{process}/input': {
    params: {
      id: string
      process: string
    }
    body: {
      /** at most 256 KiB */
      input: string
      /** it is the end of its input, where it has no terminal */
      end?: boolean
    }
    answer: undefined
  }
  /** Send a signal to a process and its group */
  'POST /projects/{id}/processes/{process}/signal': {
    params: {
      id: string
      process: string
    }
    body: {
      /** such as SIGINT; it goes to the process group */
      signal: string
    }
    answer: undefined
  }
  /** Change the size of a process's terminal */
  'POST /projects/{id}/processes/{process}/resize': {
    params: {
      id: string
      process: string
    }
    body: {
      cols: number
      rows: number
    }
    answer: undefined
  }
  /** End a process and start it again */
  'POST /projects/{id}/processes/{process}/restart': {
    params: {
      id: string
      process: string
    }
    answer: {
      id: string
      name: string | null
      cmd: string | Array<string>
      cwd: string | null
      pid: number | null
      status: 'running' | 'exited' | 'restarting'
      exitCode: number | null
      signal: string | null
      startedAt: string | null
      endedAt: string | null
      restarts: number
      restart: 'never' | 'on-failure' | 'always'
      keep: boolean
      keepAwake: boolean
      size: {
        cols: number
        rows: number
      } | null
      output: {
        /** position of the oldest byte that is kept */
        first: number
        /** bytes printed so far */
        end: number
      }
      usage: {
        /** milliseconds of CPU time, of what runs at the moment */
        cpuTime: number
        /** resident bytes */
        memory: number
      }
      ports: Array<number>
      /** itself and what it has started, as long as they run */
      tree: Array<{
        pid: number
        parent: number
        name: string
        /** its arguments, cut off after 256 bytes */
        command: Array<string>
        usage: {
          /** milliseconds of CPU time, of what runs at the moment */
          cpuTime: number
          /** resident bytes */
          memory: number
        }
        ports: Array<number>
      }>
    }
  }
  /** What a process has printed, as text or, by Accept, as server-sent events */
  'GET /projects/{id}/processes/{process}/logs': {
    params: {
      id: string
      process: string
    }
    query?: {
      /** position of the first byte that is wanted; default the oldest that is kept */
      since?: number
      /** goes on until the process ends */
      follow?: boolean
    }
    answer: unknown
  }
  /** A shell in a project, as a WebSocket of the subprotocol term.v1 or term.raw */
  'GET /terminal/{id}': {
    params: {
      id: string
    }
    query?: {
      /** the terminal to attach to; without it a new one is opened */
      terminal?: string
      cols?: number
      rows?: number
      /** position from which on bytes are wanted; default all that are kept */
      since?: number
    }
    answer: unknown
  }
  /** The terminals of a project */
  'GET /projects/{id}/terminals': {
    params: {
      id: string
    }
    answer: {
      terminals: Array<{
        id: string
        cols: number
        rows: number
        /** bytes of output so far */
        seq: number
        /** how many are attached */
        sockets: number
        /** its shell has ended, and somebody who was cut off may still see how */
        ended: boolean
        createdAt: string
      }>
      nextCursor: string | null
    }
  }
  /** End a terminal with everything that was started in it */
  'DELETE /projects/{id}/terminals/{terminal}': {
    params: {
      id: string
      terminal: string
    }
    answer: undefined
  }
  /** Change the size of a terminal */
  'POST /projects/{id}/terminals/{terminal}/resize': {
    params: {
      id: string
      terminal: string
    }
    body: {
      cols: number
      rows: number
    }
    answer: {
      id: string
      cols: number
      rows: number
      /** bytes of output so far */
      seq: number
      /** how many are attached */
      sockets: number
      /** its shell has ended, and somebody who was cut off may still see how */
      ended: boolean
      createdAt: string
    }
  }
  /** A language server of the project, as a WebSocket: one JSON-RPC message in each text frame. Paths are those of the project, below file:///workspace. Closed with 4408 when nothing was said for a while */
  'GET /projects/{id}/language-servers/{language}': {
    params: {
      id: string
      language: string
    }
    answer: unknown
  }
  /** A file's text as its language's formatter has it; the file stays as it is */
  'POST /projects/{id}/format': {
    params: {
      id: string
    }
    body: {
      /** whose extension says which formatter */
      path: string
      /** what to format; default what the file has */
      content?: string
    }
    answer: {
      content: string
    }
  }
  /** Run a file, or the project, by its berth.json or else by its language, in a process with a terminal */
  'POST /projects/{id}/run': {
    params: {
      id: string
    }
    body: {
      /** the file to run; without it the project is run, as berth.json says or by its main file */
      path?: string
      args?: Array<string>
      /** what berth.json has a command for; default run */
      task?: 'run' | 'build' | 'test'
      size?: {
        cols: number
        rows: number
      }
    }
    answer: {
      id: string
      name: string | null
      cmd: string | Array<string>
      cwd: string | null
      pid: number | null
      status: 'running' | 'exited' | 'restarting'
      exitCode: number | null
      signal: string | null
      startedAt: string | null
      endedAt: string | null
      restarts: number
      restart: 'never' | 'on-failure' | 'always'
      keep: boolean
      keepAwake: boolean
      size: {
        cols: number
        rows: number
      } | null
      output: {
        /** position of the oldest byte that is kept */
        first: number
        /** bytes printed so far */
        end: number
      }
      usage: {
        /** milliseconds of CPU time, of what runs at the moment */
        cpuTime: number
        /** resident bytes */
        memory: number
      }
      ports: Array<number>
      /** itself and what it has started, as long as they run */
      tree: Array<{
        pid: number
        parent: number
        name: string
        /** its arguments, cut off after 256 bytes */
        command: Array<string>
        usage: {
          /** milliseconds of CPU time, of what runs at the moment */
          cpuTime: number
          /** resident bytes */
          memory: number
        }
        ports: Array<number>
      }>
      preview: {
        /** where its server is expected: what berth.json says, else what all projects are given as PORT */
        port: number
        url: string
      }
    }
  }
  /** Who works in the project, its owner first */
  'GET /projects/{id}/members': {
    params: {
      id: string
    }
    answer: {
      members: Array<{
        user: {
          id: string
          email: string | null
          name: string | null
        }
        role: 'viewer' | 'editor' | 'owner'
        since: string
      }>
      /** always null: there are never many */
      nextCursor: null
    }
  }
  /** Invite the account with an email, who finds it in GET /invitations. The answer is the same where there is none */
  'POST /projects/{id}/members': {
    params: {
      id: string
    }
    body: {
      /** upper and lower case are the same */
      email: string
      /** `viewer` looks at all of it, `editor` works in it too */
      role: 'viewer' | 'editor'
      /** in a week, when left out; in a year at most */
      expiresAt?: string
    }
    answer: {
      invitation: {
        id: string
        /** `viewer` looks at all of it, `editor` works in it too */
        role: 'viewer' | 'editor'
        createdAt: string
        expiresAt: string
        /** whom it is for; null for a link */
        email: string | null
        /** how many have become members by it */
        uses: number
        maxUses: number | null
      }
    }
  }
  /** Change what a member may do; their open sockets are closed and may come again */
  'PATCH /projects/{id}/members/{user}': {
    params: {
      id: string
      user: string
    }
    body: {
      /** `viewer` looks at all of it, `editor` works in it too */
      role: 'viewer' | 'editor'
    }
    answer: {
      member: {
        user: {
          id: string
          email: string | null
          name: string | null
        }
        role: 'viewer' | 'editor' | 'owner'
        since: string
      }
    }
  }
  /** Leave a project, or, as its owner, remove a member; their open sockets are closed at once */
  'DELETE /projects/{id}/members/{user}': {
    params: {
      id: string
      user: string
    }
    answer: undefined
  }
  /** A link that makes whoever has it a member */
  'POST /projects/{id}/invitations': {
    params: {
      id: string
    }
    body: {
      /** `viewer` looks at all of it, `editor` works in it too */
      role: 'viewer' | 'editor'
      /** in a week, when left out; in a year at most */
      expiresAt?: string
      /** as many as like, when left out */
      maxUses?: number
    }
    answer: {
      invitation: {
        id: string
        /** `viewer` looks at all of it, `editor` works in it too */
        role: 'viewer' | 'editor'
        createdAt: string
        expiresAt: string
        /** whom it is for; null for a link */
        email: string | null
        /** how many have become members by it */
        uses: number
        maxUses: number | null
      }
      /** shown this once */
      link: string
    }
  }
  /** Open invitations, links and emails, the newest first */
  'GET /projects/{id}/invitations': {
    params: {
      id: string
    }
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
    }
    answer: {
      invitations: Array<{
        id: string
        /** `viewer` looks at all of it, `editor` works in it too */
        role: 'viewer' | 'editor'
        createdAt: string
        expiresAt: string
        /** whom it is for; null for a link */
        email: string | null
        /** how many have become members by it */
        uses: number
        maxUses: number | null
      }>
      nextCursor: string | null
    }
  }
  /** Take an invitation back; whoever has become a member by it stays one */
  'DELETE /projects/{id}/invitations/{invitation}': {
    params: {
      id: string
      invitation: string
    }
    answer: undefined
  }
  /** Projects that you are invited to, the newest first */
  'GET /invitations': {
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
    }
    answer: {
      invitations: Array<{
        id: string
        /** `viewer` looks at all of it, `editor` works in it too */
        role: 'viewer' | 'editor'
        createdAt: string
        expiresAt: string
        project: {
          id: string
          name: string
        }
        owner: {
          id: string
          email: string | null
          name: string | null
        }
      }>
      nextCursor: string | null
    }
  }
  /** Become a member */
  'POST /invitations/{id}/accept': {
    params: {
      id: string
    }
    answer: {
      id: string
      name: string
      /** the language's own name, also where an alias was given */
      runtime: string
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      /** who may look at what the project serves */
      previews: 'private' | 'public'
      /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
      network: 'internet' | 'none'
      /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
      memory: number
      /** CPUs, likewise */
      cpus: number
      source: {
        url: string
        ref: string | null
        commit: string | null
        status: 'cloning' | 'ready' | 'failed'
        error: string | null
      } | null
      createdAt: string
      updatedAt: string
      lastActiveAt: string
      /** what you may do: look, work in it, or all */
      role: 'viewer' | 'editor' | 'owner'
    }
  }
  /** Become a member by a link; whoever is one already stays what they are */
  'POST /invitations/accept': {
    body: {
      /** what follows the # in the link */
      token: string
    }
    answer: {
      id: string
      name: string
      /** the language's own name, also where an alias was given */
      runtime: string
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      /** who may look at what the project serves */
      previews: 'private' | 'public'
      /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
      network: 'internet' | 'none'
      /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
      memory: number
      /** CPUs, likewise */
      cpus: number
      source: {
        url: string
        ref: string | null
        commit: string | null
        status: 'cloning' | 'ready' | 'failed'
        error: string | null
      } | null
      createdAt: string
      updatedAt: string
      lastActiveAt: string
      /** what you may do: look, work in it, or all */
      role: 'viewer' | 'editor' | 'owner'
    }
  }
  /** Decline an invitation */
  'DELETE /invitations/{id}': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** To whom the project is offered, for its owner and for them */
  'GET /projects/{id}/ownership': {
    params: {
      id: string
    }
    answer: {
      offer: {
        user: {
          id: string
          email: string | null
          name: string | null
        }
        since: string
      } | null
    }
  }
  /** Offer the project to a member, in place of any other, with all that it has, its secrets too */
  'POST /projects/{id}/ownership': {
    params: {
      id: string
    }
    body: {
      /** id of an account */
      user: string
    }
    answer: {
      offer: {
        user: {
          id: string
          email: string | null
          name: string | null
        }
        since: string
      } | null
    }
  }
  /** Take the offer back, or decline it */
  'DELETE /projects/{id}/ownership': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** Take over a stopped project that is offered to you; who has owned it becomes an editor */
  'POST /projects/{id}/ownership/accept': {
    params: {
      id: string
    }
    answer: {
      id: string
      name: string
      /** the language's own name, also where an alias was given */
      runtime: string
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      /** who may look at what the project serves */
      previews: 'private' | 'public'
      /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
      network: 'internet' | 'none'
      /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
      memory: number
      /** CPUs, likewise */
      cpus: number
      source: {
        url: string
        ref: string | null
        commit: string | null
        status: 'cloning' | 'ready' | 'failed'
        error: string | null
      } | null
      createdAt: string
      updatedAt: string
      lastActiveAt: string
      /** what you may do: look, work in it, or all */
      role: 'viewer' | 'editor' | 'owner'
    }
  }
  /** Give anybody's stopped project to another account, without its secrets and git credentials; for administrators */
  'POST /api/projects/{id}/owner': {
    params: {
      id: string
    }
    body: {
      /** id of an account */
      user: string
    }
    answer: undefined
  }
  /** A copy of your own, by an assignment's link: 201 for a new one, 200 for the one that you have */
  'POST /assignments/open': {
    body: {
      /** what follows the # in the link */
      token: string
    }
    answer: {
      id: string
      name: string
      /** the language's own name, also where an alias was given */
      runtime: string
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      /** who may look at what the project serves */
      previews: 'private' | 'public'
      /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
      network: 'internet' | 'none'
      /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
      memory: number
      /** CPUs, likewise */
      cpus: number
      source: {
        url: string
        ref: string | null
        commit: string | null
        status: 'cloning' | 'ready' | 'failed'
        error: string | null
      } | null
      createdAt: string
      updatedAt: string
      lastActiveAt: string
      /** what you may do: look, work in it, or all */
      role: 'viewer' | 'editor' | 'owner'
    }
  }
  /** What you have opened, and when it is due, the soonest first */
  'GET /assignments/copies': {
    answer: {
      copies: Array<{
        project: string
        name: string
        dueAt: string | null
        closedAt: string | null
      }>
      /** always null: there are never many */
      nextCursor: null
    }
  }
  /** A snapshot of each copy, one after the other: a line of JSON for each, with the snapshot or why there is none */
  'POST /assignments/{id}/snapshots': {
    params: {
      id: string
    }
    body: {
      /** without control characters, and without blanks at its ends */
      name?: string
    } | null
    answer: unknown
  }
  /** All copies in one tar.gz, a directory for each; what could not be read is told in a file beside it */
  'POST /assignments/{id}/collect': {
    params: {
      id: string
    }
    query?: {
      /** names of files and directories to leave out, such as node_modules */
      exclude?: Array<string>
    }
    answer: unknown
  }
  /** Make an assignment of a project of yours, or of a snapshot; for teachers */
  'POST /assignments': {
    body: {
      /** without control characters, and without blanks at its ends */
      name: string
      /** one that you work in: copies begin with the files that it has now */
      project?: string
      /** a snapshot of one, instead */
      snapshot?: string
      /** when the work is due; everybody sees it, and can go on after it */
      dueAt?: string
    }
    answer: {
      assignment: {
        id: string
        name: string
        runtime: string
        copies: number
        createdAt: string
        dueAt: string | null
        closedAt: string | null
      }
      /** gives whoever opens it a copy of their own; shown this once */
      link: string
    }
  }
  /** Your assignments, the newest first; for teachers */
  'GET /assignments': {
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
    }
    answer: {
      assignments: Array<{
        id: string
        name: string
        runtime: string
        copies: number
        createdAt: string
        dueAt: string | null
        closedAt: string | null
      }>
      nextCursor: string | null
    }
  }
  /** An assignment of yours */
  'GET /assignments/{id}': {
    params: {
      id: string
    }
    answer: {
      assignment: {
        id: string
        name: string
        runtime: string
        copies: number
        createdAt: string
        dueAt: string | null
        closedAt: string | null
      }
    }
  }
  /** Rename an assignment, change when it is due, or close it: then there are no more copies */
  'PATCH /assignments/{id}': {
    params: {
      id: string
    }
    body: {
      /** without control characters, and without blanks at its ends */
      name?: string
      dueAt?: string | null
      /** whether there are no more copies */
      closed?: boolean
    }
    answer: {
      assignment: {
        id: string
        name: string
        runtime: string
        copies: number
        createdAt: string
        dueAt: string | null
        closedAt: string | null
      }
    }
  }
  /** Delete an assignment; the copies stay with those whose they are */
  'DELETE /assignments/{id}': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** A new link; the one before is worth nothing from then on */
  'POST /assignments/{id}/link': {
    params: {
      id: string
    }
    answer: {
      /** gives whoever opens it a copy of their own; shown this once */
      link: string
    }
  }
  /** Who has a copy, how it stands and when something was last done in it, the newest first. You are an editor of each */
  'GET /assignments/{id}/copies': {
    params: {
      id: string
    }
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
    }
    answer: {
      copies: Array<{
        project: {
          id: string
          name: string
          status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
          createdAt: string
          lastActiveAt: string
        }
        owner: {
          id: string
          email: string | null
          name: string | null
        }
        snapshotAt: string | null
      }>
      nextCursor: string | null
    }
  }
  /** What a project can begin with */
  'GET /api/templates': {
    answer: {
      templates: Array<{
        id: string
        name: string
        description: string
        runtime: string
        preview: number | null
        needs: string | null
        files: Array<string>
      }>
    }
  }
  /** Make a project */
  'POST /projects': {
    body: {
      /** without control characters, and without blanks at its ends */
      name: string
      /** a language of GET /api/languages, one of its aliases, or an image that the server has besides; default that of the template */
      runtime?: string
      /** a template of GET /api/templates, with whose files it begins */
      template?: string
      /** a snapshot of any of your projects, with whose files it begins */
      fromSnapshot?: string
      /** in the project's directory from its first start on */
      files?: Array<{
        /** relative to the working directory, "/" between names */
        path: string
        content: string
        encoding?: 'utf8' | 'base64'
      }>
      fromGit?: {
        /** https, http, git or ssh, without credentials */
        url: string
        /** a branch, a tag or a whole commit hash; default what the repository takes for its own */
        ref?: string
      }
      /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
      network?: 'internet' | 'none'
      /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
      memory?: number
      /** CPUs, likewise */
      cpus?: number
    }
    answer: {
      id: string
      name: string
      /** the language's own name, also where an alias was given */
      runtime: string
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      /** who may look at what the project serves */
      previews: 'private' | 'public'
      /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
      network: 'internet' | 'none'
      /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
      memory: number
      /** CPUs, likewise */
      cpus: number
      source: {
        url: string
        ref: string | null
        commit: string | null
        status: 'cloning' | 'ready' | 'failed'
        error: string | null
      } | null
      createdAt: string
      updatedAt: string
      lastActiveAt: string
      /** what you may do: look, work in it, or all */
      role: 'viewer' | 'editor' | 'owner'
    }
  }
  /** Your projects, and those that others share with you; the newest first */
  'GET /projects': {
    query?: {
      limit?: number
      cursor?: string
    }
    answer: {
      projects: Array<{
        id: string
        name: string
        /** the language's own name, also where an alias was given */
        runtime: string
        status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
        error: string | null
        /** who may look at what the project serves */
        previews: 'private' | 'public'
        /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
        network: 'internet' | 'none'
        /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
        memory: number
        /** CPUs, likewise */
        cpus: number
        source: {
          url: string
          ref: string | null
          commit: string | null
          status: 'cloning' | 'ready' | 'failed'
          error: string | null
        } | null
        createdAt: string
        updatedAt: string
        lastActiveAt: string
        /** what you may do: look, work in it, or all */
        role: 'viewer' | 'editor' | 'owner'
      }>
      nextCursor: string | null
    }
  }
  /** A project */
  'GET /projects/{id}': {
    params: {
      id: string
    }
    answer: {
      id: string
      name: string
      /** the language's own name, also where an alias was given */
      runtime: string
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      /** who may look at what the project serves */
      previews: 'private' | 'public'
      /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
      network: 'internet' | 'none'
      /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
      memory: number
      /** CPUs, likewise */
      cpus: number
      source: {
        url: string
        ref: string | null
        commit: string | null
        status: 'cloning' | 'ready' | 'failed'
        error: string | null
      } | null
      createdAt: string
      updatedAt: string
      lastActiveAt: string
      /** what you may do: look, work in it, or all */
      role: 'viewer' | 'editor' | 'owner'
    }
  }
  /** Rename a project, share what it serves, or change what it may reach */
  'PATCH /projects/{id}': {
    params: {
      id: string
    }
    body: {
      /** without control characters, and without blanks at its ends */
      name?: string
      /** who may look at what the project serves */
      previews?: 'private' | 'public'
      /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
      network?: 'internet' | 'none'
      /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
      memory?: number
      /** CPUs, likewise */
      cpus?: number
    }
    answer: {
      id: string
      name: string
      /** the language's own name, also where an alias was given */
      runtime: string
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      /** who may look at what the project serves */
      previews: 'private' | 'public'
      /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
      network: 'internet' | 'none'
      /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
      memory: number
      /** CPUs, likewise */
      cpus: number
      source: {
        url: string
        ref: string | null
        commit: string | null
        status: 'cloning' | 'ready' | 'failed'
        error: string | null
      } | null
      createdAt: string
      updatedAt: string
      lastActiveAt: string
      /** what you may do: look, work in it, or all */
      role: 'viewer' | 'editor' | 'owner'
    }
  }
  /** Delete a project with its files */
  'DELETE /projects/{id}': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** The projects of everybody, the newest first; for administrators */
  'GET /api/projects': {
    query?: {
      limit?: number
      /** nextCursor of the page before */
      cursor?: string
      owner?: string
      status?: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
    }
    answer: {
      projects: Array<{
        id: string
        name: string
        /** the language's own name, also where an alias was given */
        runtime: string
        status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
        error: string | null
        /** who may look at what the project serves */
        previews: 'private' | 'public'
        /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
        network: 'internet' | 'none'
        /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
        memory: number
        /** CPUs, likewise */
        cpus: number
        source: {
          url: string
          ref: string | null
          commit: string | null
          status: 'cloning' | 'ready' | 'failed'
          error: string | null
        } | null
        createdAt: string
        updatedAt: string
        lastActiveAt: string
        owner: {
          id: string
          email: string | null
        }
      }>
      nextCursor: string | null
    }
  }
  /** Stop anybody's project; for administrators */
  'POST /api/projects/{id}/stop': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** Delete anybody's project with its files; for administrators */
  'DELETE /api/projects/{id}': {
    params: {
      id: string
    }
    answer: undefined
  }
  /** Volumes of projects that the database knows nothing of; for administrators */
  'GET /api/quarantined-volumes': {
    answer: {
      volumes: Array<{
        /** id of the project that it was of, as its label says */
        project: string
        /** on the Engine */
        name: string
        since: string
        /** when it is removed, unless somebody wants it */
        removedAt: string
      }>
      /** always null: the oldest 1000 are listed */
      nextCursor: null
    }
  }
  /** Remove such a volume with all that is in it; for administrators */
  'DELETE /api/quarantined-volumes/{project}': {
    params: {
      /** id of the project that it was of */
      project: string
    }
    answer: undefined
  }
  /** Make such a volume a project again; for administrators */
  'POST /api/quarantined-volumes/{project}/restore': {
    params: {
      /** id of the project that it was of */
      project: string
    }
    body: {
      /** without control characters, and without blanks at its ends */
      name: string
      runtime: string
      /** id of the account whose project it is to be; yours, when left out */
      owner?: string
    }
    answer: {
      id: string
      name: string
      /** the language's own name, also where an alias was given */
      runtime: string
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      /** who may look at what the project serves */
      previews: 'private' | 'public'
      /** `internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on */
      network: 'internet' | 'none'
      /** bytes of memory, of which the server says how many there can be; a change counts from the next start on */
      memory: number
      /** CPUs, likewise */
      cpus: number
      source: {
        url: string
        ref: string | null
        commit: string | null
        status: 'cloning' | 'ready' | 'failed'
        error: string | null
      } | null
      createdAt: string
      updatedAt: string
      lastActiveAt: string
      /** what you may do: look, work in it, or all */
      role: 'viewer' | 'editor' | 'owner'
    }
  }
  /** Start a project, if it does not run */
  'POST /projects/{id}/start': {
    params: {
      id: string
    }
    answer: {
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      containerId: string | null
      startedAt: string | null
      lastActiveAt: string
      stopsAt: string | null
      preview: {
        /** where a server in the project listens to be seen */
        port: number
        url: string | null
        hostPort: number | null
        hostPortReason: string | null
      }
      ports: Array<{
        port: number
        process: string | null
        /** a preview shows it all the same */
        loopbackOnly: boolean
      }>
      usage: {
        /** bytes, without what the kernel caches of files */
        memory: number
        /** bytes */
        memoryLimit: number
        /** CPUs in use: 0.5 is half of one */
        cpu: number
      } | null
      files: {
        size: number | null
        /** bytes that they can take; programs that take a tenth more are stopped with the project, or get an error where the file system has quotas */
        limit: number
        entries: number | null
        /** most of them; a project with a tenth more is stopped */
        entriesLimit: number
      }
      snapshot: {
        newestAt: string | null
        checkedAt: string | null
        error: string | null
      }
      recovered: {
        at: string
        /** with the files of a snapshot; else with those that it was made with */
        isRestored: boolean
      } | null
    }
  }
  /** Stop a project; its files stay */
  'POST /projects/{id}/stop': {
    params: {
      id: string
    }
    answer: {
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      containerId: string | null
      startedAt: string | null
      lastActiveAt: string
      stopsAt: string | null
      preview: {
        /** where a server in the project listens to be seen */
        port: number
        url: string | null
        hostPort: number | null
        hostPortReason: string | null
      }
      ports: Array<{
        port: number
        process: string | null
        /** a preview shows it all the same */
        loopbackOnly: boolean
      }>
      usage: {
        /** bytes, without what the kernel caches of files */
        memory: number
        /** bytes */
        memoryLimit: number
        /** CPUs in use: 0.5 is half of one */
        cpu: number
      } | null
      files: {
        size: number | null
        /** bytes that they can take; programs that take a tenth more are stopped with the project, or get an error where the file system has quotas */
        limit: number
        entries: number | null
        /** most of them; a project with a tenth more is stopped */
        entriesLimit: number
      }
      snapshot: {
        newestAt: string | null
        checkedAt: string | null
        error: string | null
      }
      recovered: {
        at: string
        /** with the files of a snapshot; else with those that it was made with */
        isRestored: boolean
      } | null
    }
  }
  /** Stop a project and start it again */
  'POST /projects/{id}/restart': {
    params: {
      id: string
    }
    answer: {
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      containerId: string | null
      startedAt: string | null
      lastActiveAt: string
      stopsAt: string | null
      preview: {
        /** where a server in the project listens to be seen */
        port: number
        url: string | null
        hostPort: number | null
        hostPortReason: string | null
      }
      ports: Array<{
        port: number
        process: string | null
        /** a preview shows it all the same */
        loopbackOnly: boolean
      }>
      usage: {
        /** bytes, without what the kernel caches of files */
        memory: number
        /** bytes */
        memoryLimit: number
        /** CPUs in use: 0.5 is half of one */
        cpu: number
      } | null
      files: {
        size: number | null
        /** bytes that they can take; programs that take a tenth more are stopped with the project, or get an error where the file system has quotas */
        limit: number
        entries: number | null
        /** most of them; a project with a tenth more is stopped */
        entriesLimit: number
      }
      snapshot: {
        newestAt: string | null
        checkedAt: string | null
        error: string | null
      }
      recovered: {
        at: string
        /** with the files of a snapshot; else with those that it was made with */
        isRestored: boolean
      } | null
    }
  }
  /** What a project is doing */
  'GET /projects/{id}/status': {
    params: {
      id: string
    }
    answer: {
      status: 'stopped' | 'starting' | 'running' | 'stopping' | 'error'
      error: string | null
      containerId: string | null
      startedAt: string | null
      lastActiveAt: string
      stopsAt: string | null
      preview: {
        /** where a server in the project listens to be seen */
        port: number
        url: string | null
        hostPort: number | null
        hostPortReason: string | null
      }
      ports: Array<{
        port: number
        process: string | null
        /** a preview shows it all the same */
        loopbackOnly: boolean
      }>
      usage: {
        /** bytes, without what the kernel caches of files */
        memory: number
        /** bytes */
        memoryLimit: number
        /** CPUs in use: 0.5 is half of one */
        cpu: number
      } | null
      files: {
        size: number | null
        /** bytes that they can take; programs that take a tenth more are stopped with the project, or get an error where the file system has quotas */
        limit: number
        entries: number | null
        /** most of them; a project with a tenth more is stopped */
        entriesLimit: number
      }
      snapshot: {
        newestAt: string | null
        checkedAt: string | null
        error: string | null
      }
      recovered: {
        at: string
        /** with the files of a snapshot; else with those that it was made with */
        isRestored: boolean
      } | null
    }
  }
  /** What the container itself has printed */
  'GET /projects/{id}/logs': {
    params: {
      id: string
    }
    query?: {
      /** so many lines from the end; default all */
      tail?: number
      /** NDJSON for as long as the container runs */
      follow?: boolean
    }
    answer: unknown
  }
}
