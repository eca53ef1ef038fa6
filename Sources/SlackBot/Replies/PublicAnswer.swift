import Analytics
import Bridge

/// The messages that show a private answer to everyone. Pure.
enum PublicAnswer {
    /// The `block_id` of the line that tells the asker of the files in direct messages, which is not true in the thread.
    static let filesID = "files_direct"

    /// The rows of the outbox that post the answer in its thread, after a message with a question that it does not show;
    /// none when nothing of the answer was sent or is left.
    static func posts(of row: QuestionRow, _ outbox: [PostRow]) -> [PostRow] {
        guard let incoming = SlackQuestion(row) else { return [] }
        let images = direct(outbox).count(where: \.isImage)
        // What the asker was asked back has parts of its own.
        let answer = outbox.filter { $0.kind == .ephemeral && $0.part < PostRow.firstChoicePart }
        let messages = answer.filter { $0.state == .sent && $0.body != nil }
            .map { ShowToEveryoneView.removing(from: SlackMessage($0.body)) }.filter(isPartOfAnswer)
            .map { withoutFiles($0, images: images) }
        guard !messages.isEmpty else { return [] }
        let root = incoming.rootTS ?? outbox.first { $0.kind == .parent }?.ts
        let next = (outbox.map(\.part).max() ?? 0) + 1
        var posts = messages.enumerated().map { post(.answer, part: next + $0, $1, row, root) }
        posts += files(of: outbox, from: next + posts.count, row, root)
        if root == nil || incoming.kind == .shortcut && !outbox.contains(where: { $0.kind == .parent }) {
            let text = UserMessages.asked(user: incoming.user, text: incoming.text)
            posts.insert(post(.parent, part: PostRow.parentPart, SectionView.message(text), row, root), at: 0)
        }
        return posts
    }

    /// The text files of the answer, which the asker has in direct messages: parts of the answer refer to them.
    private static func files(of outbox: [PostRow], from part: Int, _ row: QuestionRow, _ root: String?) -> [PostRow] {
        direct(outbox).filter { !$0.isImage }.enumerated().map { index, file in
            var post = post(.file, part: part + index, SlackMessage(text: ""), row, root)
            post.body = file.named(after: post).json
            post.isForEveryone = true
            return post
        }
    }

    private static func direct(_ outbox: [PostRow]) -> [FilePost] {
        outbox.filter { $0.kind == .file && $0.isDirect }.compactMap { FilePost($0.body) }
    }

    /// The message without the line about the files, or with one about the images that are not in the thread.
    private static func withoutFiles(_ message: SlackMessage, images: Int) -> SlackMessage {
        var message = message
        message.blocks = message.blocks.compactMap { block in
            guard block["block_id"]?.string == filesID else { return block }
            return images == 0 ? nil : ContextView.block([UserMessages.imagesNotShown(images)])
        }
        return message
    }

    private static func post(
        _ kind: PostRow.Kind, part: Int, _ message: SlackMessage, _ row: QuestionRow, _ root: String?
    ) -> PostRow {
        var post = PostRow(
            question: row.id, part: part, kind: kind, channel: row.origin.channel, threadTS: root, body: message.json)
        post.isForEveryone = true
        return post
    }

    /// An answer is Markdown and contexts (``AnswerMessages``); what Omni tells the asker about it is sections alone.
    private static func isPartOfAnswer(_ message: SlackMessage) -> Bool {
        message.blocks.contains { $0["type"] != "section" }
    }
}
