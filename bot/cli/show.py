"""`rejoinder show`: one item with everything a person needs for an answer."""

from __future__ import annotations

import click

from bot.cli.arguments import ItemNumber
from bot.cli.session import Session, common


@click.command(short_help="One item.", epilog="Example: rejoinder show 3")
@common
@click.argument("number", type=ItemNumber(), metavar="ID")
@click.pass_obj
def show(session: Session, number: int) -> None:
    """Show one item of the queue: the notice beside the letter, who would receive it, where each value was
    read, both clocks, and every answer you can give.
    """
    from dataclasses import replace

    from bot.case.items import ItemKind
    from bot.cli.letter_page import print_letter_page
    from bot.cli.likeness import likeness_of_mail
    from bot.cli.other_page import print_other_page
    from bot.cli.page_json import page_json
    from bot.cli.pages import page_of
    from bot.cli.screen import print_json

    with session.house() as house:
        page = page_of(house.office, house.office.store.item(number))
        if page.item.kind is ItemKind.SUSPECT and page.item.subject.startswith("mail:"):
            page = replace(page, likeness=likeness_of_mail(session.home(), house, page.item))
        if session.json:
            print_json(page_json(page))
        elif page.letter is not None:
            print_letter_page(session.screen, page)
        else:
            print_other_page(session.screen, page)
