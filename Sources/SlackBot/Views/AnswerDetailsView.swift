import Analytics
import Bridge

/// The modal with the details of an answer.
enum AnswerDetailsView {
    /// A view has at most 100 blocks; a call takes three, a vote one.
    private static let mostCalls = 30
    private static let mostVotes = 5
    private static let longestQuestion = 500
    private static let longestArguments = 300
    private static let longestResult = 600

    static func modal(_ details: AnswerDetails) -> JSONValue {
        let shown = details.calls.prefix(mostCalls)
        var blocks = [
            SectionView.section("*\(Markdown.escape(details.audit.message.shortened(to: longestQuestion)))*"),
            ContextView.block([UserMessages.figures(details)]),
        ]
        blocks += votes(details.votes)
        blocks.append(["type": "divider"])
        blocks += shown.flatMap { call($0) }
        if details.calls.isEmpty { blocks.append(ContextView.block([UserMessages.noCalls])) }
        if details.calls.count > shown.count {
            blocks.append(ContextView.block([UserMessages.moreCalls(details.calls.count - shown.count)]))
        }
        return [
            "type": "modal", "title": TextObject.plain(UserMessages.detailsTitle),
            "close": TextObject.plain(UserMessages.closeDetails), "blocks": .array(blocks),
        ]
    }

    /// The negative ones first, of these the newest.
    private static func votes(_ votes: [Feedback]) -> [JSONValue] {
        let sorted = votes.sorted { ($0.vote.rawValue, $1.at) < ($1.vote.rawValue, $0.at) }
        let more =
            votes.count > mostVotes ? [ContextView.block([UserMessages.moreVotes(votes.count - mostVotes)])] : []
        return sorted.prefix(mostVotes).map(vote) + more
    }

    /// The comment is a user's text, so it stands in rich text, as it is.
    private static func vote(_ vote: Feedback) -> JSONValue {
        func element(_ type: String, _ text: String) -> JSONValue {
            ["type": .string(type), "elements": [["type": "text", "text": .string(text)]]]
        }
        let quote = vote.comment.map { [element("rich_text_quote", $0)] } ?? []
        return [
            "type": "rich_text", "elements": .array([element("rich_text_section", UserMessages.vote(vote))] + quote),
        ]
    }

    private static func call(_ call: AnswerDetails.Call) -> [JSONValue] {
        var blocks = [SectionView.section(UserMessages.call(call))]
        guard let contents = call.contents else { return blocks + [ContextView.block([UserMessages.contentsHidden])] }
        if let arguments = code(contents.arguments, to: longestArguments) { blocks.append(arguments) }
        if let result = code(contents.result, to: longestResult) { blocks.append(result) }
        return blocks
    }

    /// The text as it is: rich text has no marks and no mentions in its texts. nil when it is blank.
    private static func code(_ text: String, to limit: Int) -> JSONValue? {
        guard !text.trimmingSpace.isEmpty else { return nil }
        return [
            "type": "rich_text",
            "elements": [
                [
                    "type": "rich_text_preformatted",
                    "elements": [["type": "text", "text": .string(text.shortened(to: limit))]],
                ]
            ],
        ]
    }
}
