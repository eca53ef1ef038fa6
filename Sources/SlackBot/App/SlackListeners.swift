import Bridge
import Logging

/// Makes what Omni listens to in Slack.
struct SlackListeners {
    let app: App
    let api: SlackAPI
    let acceptor: QuestionAcceptor
    let installation: Installation
    let resolver: PrincipalResolver
    let health: Health
    let reloader: Reloader
    let deferred: DeferredWork
    let homes: HomePublisher
    let agentMessaging: AgentMessaging
    let followUpFilter: FollowUpFilter

    private var live: LiveSettings { app.live }
    private var logger: Logger { app.logger }
    private var workSignal: WorkSignal { acceptor.workSignal }

    private var stops: QuestionStops {
        QuestionStops(store: app.store, inFlight: app.inFlight, workSignal: workSignal, logger: logger)
    }
    private var threadStops: ThreadStops { ThreadStops(stops: stops, live: live, logger: logger) }

    var table: ListenerTable {
        let commands = commands
        let all = [messages(commands), commands] + questions(commands) + tabs + answerButtons
        return ListenerTable(all, logger: logger)
    }

    private var commands: SlashCommandListener {
        let administration = SlackAdministration(
            users: UserAdministration(store: app.store, live: live), live: live,
            reload: { [reloader] in await reloader.reload(by: $0) }, logger: logger)
        return SlashCommandListener(
            [
                HelpCommand(resolver: resolver, live: live, registry: app.registry),
                StatusCommand(health: health, live: live, store: app.store),
                AdminCommand(administration: administration),
                HistoryCommand(store: app.store, installation: installation, logger: logger),
            ],
            api: api, resolver: resolver, live: live, deferred: deferred, logger: logger)
    }

    private var queueNotice: QueueNotice {
        QueueNotice(store: app.store, api: api, deferred: deferred, logger: logger)
    }

    private func messages(_ commands: SlashCommandListener) -> any Listener {
        let retry = RetryCommand(
            store: app.store, acceptor: acceptor, queueNotice: queueNotice, live: live, logger: logger)
        return MessageListener(
            installation: installation, acceptor: acceptor, commands: commands,
            threadCommands: ThreadCommands(commands: commands, retry: retry, stops: threadStops),
            followUpFilter: followUpFilter,
            changedQuestions: ChangedQuestions(acceptor: acceptor, stops: stops, deferred: deferred, logger: logger),
            queueNotice: queueNotice,
            directory: resolver.directory, live: live, logger: logger)
    }

    /// The other ways to ask.
    private func questions(_ commands: SlashCommandListener) -> [any Listener] {
        [
            AskListener(acceptor: acceptor, commands: commands, logger: logger),
            ToolListener(
                acceptor: acceptor, commands: commands, registry: app.registry, directory: resolver.directory,
                live: live, logger: logger),
            ReactionListener(installation: installation, acceptor: acceptor, live: live),
            ShortcutListener(api: api, live: live, deferred: deferred, logger: logger),
            AskAboutListener(acceptor: acceptor, logger: logger),
        ]
    }

    /// The app's own place in Slack, and its users.
    private var tabs: [any Listener] {
        let prompts = SuggestedPrompts(
            resolver: resolver, live: live, registry: app.registry, agentMessaging: agentMessaging, deferred: deferred)
        return [
            AppHomeListener(installation: installation, homes: homes, prompts: prompts, logger: logger),
            AssistantThreadListener(installation: installation, prompts: prompts, logger: logger),
            SessionStoppedListener(
                installation: installation, stops: threadStops, resolver: resolver, deferred: deferred, logger: logger),
            UserChangeListener(installation: installation, directory: resolver.directory),
        ]
    }

    /// The buttons in an answer, under it, also while it is being made, and in what Omni sends before it.
    private var answerButtons: [any Listener] {
        let buttons = AnswerButtons(
            store: app.store, api: api, resolver: resolver, live: live, deferred: deferred, logger: logger)
        return [
            FeedbackListener(buttons: buttons),
            FeedbackCommentListener(store: app.store, resolver: resolver, logger: logger),
            RetryListener(buttons: buttons, acceptor: acceptor, queueNotice: queueNotice),
            ContinueListener(buttons: buttons, acceptor: acceptor, queueNotice: queueNotice),
            DetailsListener(buttons: buttons, registry: app.registry),
            StopListener(buttons: buttons, stops: stops, homes: homes),
            ChoiceListener(buttons: buttons, workSignal: workSignal),
            ShowToEveryoneListener(buttons: buttons, workSignal: workSignal),
            TableButtonListener(buttons: buttons),
        ]
    }
}
