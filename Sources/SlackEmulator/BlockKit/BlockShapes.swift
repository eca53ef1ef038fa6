/// The blocks that this workspace supports; lengths from docs.slack.dev, reference/block-kit, and slackblocks 3.0.
enum BlockShapes {
    static let messageBlocks: [String: BlockShape] = blocks.merging(messageOnly) { $1 }
    static let viewBlocks: [String: BlockShape] = blocks.merging(viewOnly) { $1 }

    private static let id: BlockRule = .string(min: 1, max: 255)
    private static let kind: BlockRule = .any

    private static func block(_ required: [String: BlockRule], _ optional: [String: BlockRule] = [:]) -> BlockShape {
        BlockShape(required.merging(["type": kind]) { $1 }, optional: optional.merging(["block_id": id]) { $1 })
    }

    private static func element(_ required: [String: BlockRule], _ optional: [String: BlockRule] = [:]) -> BlockShape {
        BlockShape(required.merging(["type": kind]) { $1 }, optional: optional.merging(["action_id": id]) { $1 })
    }

    private static let confirm: BlockRule = .object(
        BlockShape(
            [
                "title": .text(plain: true, max: 100), "text": .text(plain: false, max: 300),
                "confirm": .text(plain: true, max: 30), "deny": .text(plain: true, max: 30),
            ], optional: ["style": .oneOf(["primary", "danger"])]))

    private static func option(value: Int) -> BlockRule {
        .object(
            BlockShape(
                ["text": .text(plain: false, max: 75), "value": .string(min: 1, max: value)],
                optional: ["description": .text(plain: true, max: 75), "url": .string(max: 3000)]))
    }

    private static let button = element(
        ["text": .text(plain: true, max: 75)],
        [
            "value": .string(max: 2000), "url": .string(max: 3000), "style": .oneOf(["primary", "danger"]),
            "confirm": confirm, "accessibility_label": .string(max: 75),
        ])
    private static let overflow = element(
        ["options": .list(max: 5, of: option(value: 150))], ["confirm": confirm])
    private static let image = BlockShape(
        ["type": kind, "alt_text": .string(min: 1, max: 2000)],
        optional: ["image_url": .string(min: 1, max: 3000), "slack_file": .any])

    private static let select = element(
        ["options": .list(max: 100, of: option(value: 150))],
        [
            "placeholder": .text(plain: true, max: 150), "initial_option": option(value: 150), "confirm": confirm,
            "focus_on_load": .bool,
        ])
    private static let userSelect = element(
        [:], ["placeholder": .text(plain: true, max: 150), "initial_user": .string(max: 255), "confirm": confirm])
    private static let choices = element(
        ["options": .list(max: 10, of: option(value: 150))],
        ["initial_options": .any, "initial_option": option(value: 150), "confirm": confirm, "focus_on_load": .bool])

    private static let interactive: [String: BlockShape] = [
        "button": button, "overflow": overflow, "static_select": select, "users_select": userSelect,
        "checkboxes": choices, "radio_buttons": choices,
    ]

    private static let feedback: BlockRule = .object(
        BlockShape(
            ["text": .text(plain: true, max: 75), "value": .string(min: 1, max: 2000)],
            optional: ["accessibility_label": .string(max: 75)]))

    private static let messageElements: [String: BlockShape] = [
        "feedback_buttons": element(["positive_button": feedback, "negative_button": feedback]),
        "icon_button": element(
            ["icon": .oneOf(["trash"]), "text": .text(plain: true, max: 75)],
            [
                "value": .string(max: 2000), "confirm": confirm, "accessibility_label": .string(max: 75),
                "visible_to_user_ids": .any,
            ]),
    ]

    private static let contextText = BlockShape(
        ["type": kind, "text": .string(min: 1, max: 2000)], optional: ["emoji": .bool, "verbatim": .bool])

    private static let blocks: [String: BlockShape] = [
        "section": block(
            [:],
            [
                "text": .text(plain: false, max: 3000), "fields": .list(max: 10, of: .text(plain: false, max: 2000)),
                "accessory": .typed(interactive.merging(["image": image]) { $1 }), "expand": .bool,
            ]),
        "header": block(["text": .text(plain: true, max: 150)]),
        "divider": block([:]),
        "context": block([
            "elements": .list(
                max: 10, of: .typed(["mrkdwn": contextText, "plain_text": contextText, "image": image]))
        ]),
        "actions": block(["elements": .list(max: 25, of: .typed(interactive))]),
        "image": block(
            ["alt_text": .string(min: 1, max: 2000)],
            [
                "image_url": .string(min: 1, max: 3000), "slack_file": .any, "title": .text(plain: true, max: 2000),
            ]),
        "rich_text": block(["elements": .richText]),
    ]

    private static let cell: [String: BlockShape] = [
        "raw_text": BlockShape(["type": kind, "text": .string(max: 10_000)]),
        "raw_number": BlockShape(["type": kind, "value": .number], optional: ["text": .string(max: 255)]),
        "rich_text": BlockShape(["type": kind, "elements": .richText]),
    ]

    private static let task = block(
        ["task_id": .string(min: 1, max: 255), "title": .string(min: 1, max: 256)],
        [
            "status": .oneOf(["pending", "in_progress", "complete", "error"]), "details": .any, "output": .any,
            "sources": .any,
        ])

    private static let messageOnly: [String: BlockShape] = [
        "markdown": block(["text": .string(min: 1, max: 12_000)]),
        "table": block(
            ["rows": .list(max: 100, of: .list(max: 20, of: .typed(cell)))],
            [
                "column_settings": .list(
                    min: 0, max: 20,
                    of: .object(
                        BlockShape(
                            [:], optional: ["align": .oneOf(["left", "center", "right"]), "is_wrapped": .bool])))
            ]),
        "context_actions": block(["elements": .list(max: 5, of: .typed(messageElements))]),
        "task_card": task,
        "plan": block(["title": .string(min: 1, max: 256), "tasks": .list(max: 50, of: .typed(["task_card": task]))]),
        "file": block(["external_id": .string(max: 255), "source": .oneOf(["remote"])]),
    ]

    private static let viewOnly: [String: BlockShape] = [
        "input": block(
            ["label": .text(plain: true, max: 2000), "element": .typed(inputs)],
            ["hint": .text(plain: true, max: 2000), "optional": .bool, "dispatch_action": .bool])
    ]

    private static let inputs: [String: BlockShape] = interactive.merging([
        "plain_text_input": element(
            [:],
            [
                "multiline": .bool, "placeholder": .text(plain: true, max: 150), "initial_value": .string(max: 3000),
                "min_length": .number, "max_length": .number, "focus_on_load": .bool,
            ]),
        "number_input": element(
            ["is_decimal_allowed": .bool],
            [
                "placeholder": .text(plain: true, max: 150), "initial_value": .string(max: 255),
                "min_value": .string(max: 255), "max_value": .string(max: 255), "focus_on_load": .bool,
            ]),
    ]) { $1 }
}
