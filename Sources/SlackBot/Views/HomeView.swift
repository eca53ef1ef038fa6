import Bridge

/// The view of the App Home's Home tab.
enum HomeView {
    private static let callbackID = "omni_home"
    /// Slack's limit of a view.
    private static let mostBlocks = 100
    /// The numbers of servers and of problems that are listed: a view has at most 250 kB.
    private static let (mostServers, mostProblems) = (30, 10)

    /// The `view` of `views.publish`.
    static func json(_ contents: HomeContents) -> JSONValue {
        let blocks =
            switch contents {
            case .refused(let reason): section(reason)
            case .page(let page): blocks(of: page)
            }
        return [
            "type": "home", "callback_id": .string(callbackID), "blocks": .array(Array(blocks.prefix(mostBlocks))),
        ]
    }

    private static func blocks(of page: HomePage) -> [JSONValue] {
        section(UserMessages.homeRole(page.role, page.roleDescription))
            + [context(UserMessages.homeLimits(page))]
            + [header(UserMessages.homeQuestions)] + questions(page.questions)
            + [header(UserMessages.homeServers)] + servers(page.servers)
            + (page.administration.map(administration) ?? [])
            + [["type": "divider"], context(UserMessages.homeRead(at: page.at))]
    }

    private static func questions(_ questions: [PastQuestion]?) -> [JSONValue] {
        guard let questions else { return section(UserMessages.homeUnreadable) }
        if questions.isEmpty { return section(UserMessages.homeNoQuestions) }
        return questions.flatMap { question in
            var blocks = section(UserMessages.homeQuestion(question))
            if !question.state.isTerminal { blocks[0]["accessory"] = StopView.button(question.id) }
            return blocks + [context(UserMessages.homeQuestionState(question))]
        }
    }

    private static func servers(_ servers: [HomePage.Server]) -> [JSONValue] {
        guard !servers.isEmpty else { return section(UserMessages.homeNoServers) }
        return section(lines(servers, most: mostServers, UserMessages.homeServer))
    }

    private static func administration(_ administration: HomePage.Administration) -> [JSONValue] {
        let figures = administration.figures.map(UserMessages.homeFigures) ?? UserMessages.homeUnreadable
        let problems = administration.problems
        let configuration =
            problems.isEmpty
            ? UserMessages.homeNoProblems : lines(problems, most: mostProblems, UserMessages.homeProblem)
        return [["type": "divider"], header(UserMessages.homeEveryone)] + section(figures)
            + [header(UserMessages.homeConfiguration)] + section(configuration)
    }

    /// A line for each of the first elements, and one that counts the others.
    private static func lines<Element>(
        _ elements: [Element], most: Int, _ line: (Element) -> String
    ) -> String {
        let more = elements.count > most ? ["… and \(elements.count - most) more"] : []
        return (elements.prefix(most).map(line) + more).joined(separator: "\n")
    }

    private static func section(_ mrkdwn: String) -> [JSONValue] { SectionView.blocks(mrkdwn) }

    private static func header(_ text: String) -> JSONValue {
        ["type": "header", "text": ["type": "plain_text", "text": .string(text)]]
    }

    private static func context(_ mrkdwn: String) -> JSONValue {
        ContextView.block([mrkdwn])
    }
}
