import Bridge

/// Texts about the files of an answer.
extension UserMessages {
    /// The title of an image whose tool says nothing about it.
    static func imageTitle(_ tool: ToolName) -> String { "Image from \(tool)" }

    /// Under an answer: images that are not attached because of the limits.
    static func imagesLeftOut(_ count: Int) -> String {
        let megabytes = AnswerFiles.largest / 1_000_000
        return
            ":frame_with_picture: \(number(count, "image")) left out: an answer has at most \(AnswerFiles.most), as PNG, JPEG, "
            + "GIF or WebP of at most \(megabytes) MB each."
    }

    /// Under an answer that only the asker sees: Slack shows a file to all in a channel.
    static func filesDirect(_ files: [FilePost]) -> String {
        let what =
            files.allSatisfy(\.isImage)
            ? ":frame_with_picture: \(number(files.count, "image"))" : ":page_facing_up: \(number(files.count, "file"))"
        return "\(what) in our direct messages: Slack cannot show a file to one person only here."
    }

    /// Under a private answer that is shown to everyone: its images stay in the asker's direct messages.
    static func imagesNotShown(_ count: Int) -> String {
        let what = count == 1 ? "it" : "them"
        return ":frame_with_picture: \(number(count, "image")) not shown here: only the person who asked has \(what)."
    }

    /// Above a file in the asker's direct messages.
    static func fileFrom(channel: String, isImage: Bool) -> String {
        "\(isImage ? "An image" : "A file") of my answer in <#\(channel)>, which only you can see:"
    }

    /// In the thread, after an answer whose files cannot be attached.
    ///
    /// - Parameters:
    ///   - files: those that are missing; the content of text files follows as messages.
    ///   - code: Slack's error code, or one of ``SlackError``.
    static func notAttached(_ files: [FilePost], code: String) -> String {
        let isOneImage = files.count == 1 && files.allSatisfy(\.isImage)
        let noun = files.allSatisfy(\.isImage) ? "images" : "files"
        let what = isOneImage ? "An image" : files.count == 1 ? "A file" : "\(files.count) \(noun)"
        let rest = files.allSatisfy(\.isImage) ? "" : " What would be in it follows as text."
        return ":warning: \(what) of this answer could not be attached: \(reason(code)).\(rest)"
    }

    private static func number(_ count: Int, _ noun: String) -> String {
        count == 1 ? "1 \(noun) is" : "\(count) \(noun)s are"
    }

    /// Why a file cannot be attached, for Slack's error code or one of ``SlackError``.
    static func reason(_ code: String) -> String {
        switch code {
        case "missing_scope":
            "my Slack app lacks the scope `files:write` (in direct messages `im:write` too); an administrator can add it "
                + "and install the app again"
        case "file_uploads_disabled": "this workspace allows no uploads of files"
        case "not_in_channel": "I am not in this channel; add me to it with `/invite` and my name"
        case "posting_to_channel_denied": "I may not post files in this channel"
        case "unreachable", "bad_answer": "Slack's server for files did not answer"
        case "untrusted_url": "Slack named an address for it that is not Slack's"
        case "no_file_data": "its data is not stored any more"
        default: "Slack answered `\(Markdown.escape(code))`"
        }
    }
}
