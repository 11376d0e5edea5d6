"""Names of people, places and things that generated tasks are filled with. Invented or common; nobody in particular."""


def _items(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(" ".join(item.split()) for item in text.split(","))


FIRST_NAMES = _items(
    """
    Amelia, Bruno, Chidi, Daria, Elif, Farid, Greta, Hugo, Ines, Jonas, Keiko, Leila, Mateo, Nadia, Oscar, Priya,
    Quentin, Rosa, Samir, Tessa, Umar, Vera, Wanda, Xavier, Yara, Zoltan, Aaron, Bianca, Callum, Dilara, Edgar,
    Fatima, Gideon, Helena, Ivan, Jana, Kofi, Lucia, Marek, Nora, Olga, Pavel, Rahel, Stefan, Talia, Ulrich, Viola,
    Wesley, Yusuf, Zara, Anton, Beatriz, Cedric, Dunja, Emil, Freya, Goran, Hanna, Isaac, Judith, Karim, Linnea,
    Milan, Naomi, Otis, Paula, Ravi, Sabine, Tobias, Ursula, Victor, Wilma
    """
)
SURNAMES = _items(
    """
    Abara, Becker, Castro, Dimitrov, Eklund, Fontaine, Gruber, Haddad, Ivanova, Jensen, Kowalski, Lindqvist, Moreau,
    Novak, Okafor, Petrov, Quispe, Rossi, Suzuki, Tanaka, Ueda, Vargas, Weber, Xu, Yilmaz, Zimmer, Almeida, Bauer,
    Costa, Duarte, Engel, Ferrari, Garcia, Hoffman, Ito, Jovanovic, Keller, Larsen, Mbeki, Nilsson, Oduya, Park,
    Reyes, Schmidt, Torres, Ustinov, Vogel, Walsh, Yamada, Zielinski, Adler, Bianchi, Cohen, Dubois, Erdogan,
    Fischer, Grant, Horvat, Iyer, Joshi, Klein, Lopez, Marino, Nguyen, Ozturk, Pereira, Ramos, Sato, Tremblay,
    Urban, Varga, Winter
    """
)
CITIES = _items(
    """
    Lisbon, Oslo, Lyon, Porto, Graz, Turin, Ghent, Krakow, Bergen, Malaga, Leeds, Utrecht, Basel, Gdansk, Riga,
    Tartu, Split, Brno, Cork, Seville, Bristol, Nantes, Bremen, Aarhus, Tampere, Sofia, Zagreb, Leipzig, Geneva,
    Antwerp, Cardiff, Dresden, Bologna, Valencia, Toulouse, Glasgow, Vilnius, Ljubljana, Odense, Trieste, Rotterdam,
    Stuttgart, Granada, Verona, Dundee, Uppsala, Linz, Poznan, Lille, Hamburg, Bilbao, Palermo, Galway, Rennes,
    Salzburg, Kaunas, Turku, Murcia, Bath, Genoa, Essen, Delft, Trondheim, Coimbra, Innsbruck, Maastricht, Siena,
    Aachen, Malmo, Debrecen, Plovdiv, Zadar
    """
)
STREETS = _items(
    """
    Alder, Birch, Cedar, Dock, Elm, Forge, Garden, Harbour, Ivy, Juniper, King, Lime, Mill, North, Orchard, Park,
    Quarry, River, Station, Temple, Union, Valley, Walnut, Abbey, Bridge, Castle, Dover, Eagle, Fountain, Grove,
    High, Island, Jubilee, Kiln, Laurel, Market, New, Oak, Priory, Queen, Rose, Spring, Tower, Upper, Victoria,
    Water, Yew, Acorn, Bell, Church, Duke, Elder, Field, Green, Hazel, Iron, Jasmine, Lake, Maple, Nelson, Olive,
    Poplar, Ridge, School, Tanner, Vine, West, Ash, Beech, Canal, Dale, East
    """
)
COMPANIES = _items(
    """
    Arbor Logistics, Bluefin Software, Cobalt Foods, Delta Print, Ember Energy, Falcon Freight, Granite Build, Halo
    Optics, Indigo Travel, Juno Textiles, Kestrel Media, Lumen Labs, Maple Dental, Northwind Supply, Orbit Telecom,
    Pioneer Tools, Quartz Bank, Redwood Paper, Summit Sports, Tidal Marine, Umbra Design, Vertex Motors, Willow
    Health, Xenon Lighting, Yarrow Gardens, Zephyr Air, Atlas Movers, Beacon Legal, Crescent Hotels, Driftwood Cafe,
    Echo Audio, Foxglove Pharma, Glacier Water, Harvest Grain, Ironbridge Steel, Jade Ceramics, Keystone Roofing,
    Lantern Books, Meridian Maps, Nimbus Cloud, Opal Jewellers, Pelican Shipping, Quill Stationery, Raven Security,
    Saffron Spices, Timber Homes, Urban Cycles, Violet Florists, Wander Tours, Yellowfin Fishery, Zenith Clocks,
    Amber Glass, Bramble Farms, Copper Wire, Dune Outdoor, Elmwood Schools, Fable Games, Garnet Finance, Hollow
    Caves, Inkwell Press, Jetty Boats, Kiteworks Toys, Larkspur Baths, Mosaic Tiles, Nectar Drinks, Oakhurst Vets,
    Prism Photo, Quarry Stone, Ripple Pools, Sable Coats, Thistle Wool, Upland Dairy
    """
)
PRODUCTS = _items(
    """
    desk lamp, water bottle, office chair, wool scarf, coffee grinder, bike helmet, tea kettle, phone case, yoga
    mat, garden hose, bread knife, rain jacket, table fan, card holder, camping stove, wall clock, paint brush, dog
    leash, travel mug, keyboard, picture frame, hand mixer, tool box, sleeping bag, reading light, cutting board,
    door mat, running belt, power bank, salt mill, bath towel, beach umbrella, laptop stand, flower pot, swim
    goggles, step ladder, lunch box, soup ladle, sun hat, monitor arm, candle holder, tennis racket, pencil case,
    fruit bowl, shower curtain, snow shovel, cable reel, hiking pole, egg timer, cheese grater, shoe rack, air pump,
    oven glove, tape measure, bird feeder, ice tray, letter opener, floor rug, mosquito net, frying pan, toy train,
    window blind, neck pillow, wine rack, extension cord, hair dryer, plant stand, fishing rod, baking tray,
    headphones, chess set, work gloves
    """
)
JOBS = _items(
    """
    nurse, electrician, data analyst, head chef, bus driver, web developer, dental assistant, warehouse manager,
    music teacher, accountant, lab technician, tour guide, truck mechanic, copy editor, pharmacist, site engineer,
    hotel receptionist, graphic designer, plumber, payroll clerk, physiotherapist, security guard, network engineer,
    pastry cook, librarian, sales manager, carpenter, radiographer, support agent, product manager, gardener,
    translator, machine operator, social worker, test engineer, barista, tax adviser, welder, video editor,
    kindergarten teacher, purchasing clerk, forklift driver, optician, research assistant, legal secretary, crane
    operator, midwife, event planner, database administrator, butcher, hairdresser, civil engineer, call centre
    agent, florist, quality inspector, swimming coach, office manager, paramedic, roofer, marketing assistant,
    baker, veterinary nurse, bookkeeper, painter, systems administrator, waiter, school cook, tailor, fitness
    trainer, surveyor, locksmith, insurance clerk
    """
)
DISHES = _items(
    """
    lentil soup, apple crumble, fish pie, potato salad, carrot cake, mushroom risotto, tomato tart, pea curry, plum
    jam, onion bread, bean stew, rice pudding, leek quiche, lemon biscuits, beef goulash, spinach lasagne, oat bars,
    corn chowder, cherry cake, pumpkin gnocchi, chicken pilaf, cabbage rolls, berry trifle, egg noodles, walnut
    bread, fish tacos, pepper omelette, banana muffins, barley broth, cheese scones, pear strudel, herb dumplings,
    squash soup, almond cookies, lamb tagine, garlic flatbread, beet salad, peach cobbler, prawn stir-fry, vegetable
    paella, ginger snaps, turkey chili, honey granola, salmon patties, chickpea wraps, fig chutney, date slices,
    courgette fritters, bacon pancakes, orange sorbet, tofu ramen, cauliflower bake, raisin buns, duck pate, mango
    lassi, sweet potato mash, rye crackers, fennel slaw, coconut flan, broccoli pasta, pork schnitzel, apricot tart,
    seed loaf, kale smoothie, cocoa fudge, radish pickles, veal ragout, millet porridge, cranberry sauce, tuna
    sandwiches, pistachio ice cream, nettle pesto
    """
)
INGREDIENTS = _items(
    """
    flour, sugar, butter, rice, oats, lentils, carrots, onions, potatoes, tomatoes, cream, yoghurt, almonds,
    raisins, honey, mushrooms, spinach, leeks, apples, pears, walnuts, barley, beans, cheese, milk, pumpkin,
    cabbage, peas, chickpeas, corn, beetroot, celery, plums, cherries, figs, dates, cocoa, semolina, quinoa, millet,
    tofu, courgettes, aubergines, peppers, broccoli, cauliflower, fennel, kale, parsnips, turnips, radishes,
    cranberries, apricots, peaches, mangoes, bananas, hazelnuts, cashews, pistachios, sesame, polenta, couscous,
    bulgur, noodles, breadcrumbs, salmon, tuna, prawns, chicken, lamb, beef, turkey
    """
)
PROBLEMS = _items(
    """
    the screen stays black, the invoice shows the wrong address, the app closes when I upload a photo, my password
    reset link has expired, the battery drains in two hours, I cannot add a second user, the export file is empty,
    notifications arrive a day late, the printer is not found, my card was charged twice, the sound cuts out during
    calls, search finds no results, the page loads without pictures, my discount code is refused, the calendar shows
    the wrong week, the camera image is upside down, the delivery never arrived, I cannot change the language, the
    left speaker is silent, reports show last year's data, the update stops at half way, two orders were merged into
    one, the login page keeps reloading, the charger gets very hot, my profile picture disappeared, the map shows
    another city, the total ignores the voucher, messages are sent twice, the keyboard skips letters, the contract
    file will not open, the fan is far too loud, I was logged out of every device, the time zone is wrong, the
    scanner leaves a grey line, my subscription was not cancelled, the menu is in the wrong order, the router
    restarts every night, comments are cut off, the touch pad does not react, the backup failed three times, the
    coupon was never sent, the receipt has no tax number, a key on the remote is stuck, the chat window is blank,
    uploads stop at one megabyte, the lid does not close, my address cannot be saved, the chart has no labels, the
    alarm rings at the wrong hour, the gift card has no balance, dark mode is unreadable, the seat number is
    missing, videos play without sound, the hinge is broken, the table cannot be sorted, the confirmation mail is
    empty, the pump leaks water, my old orders are gone, the filter forgets its settings, the parcel was left
    outside, the cursor jumps around, the survey link is dead, the lamp flickers, I see another customer's name, the
    refund is too small, the handle came off, the form rejects my phone number, the timer cannot be stopped, the
    drawer does not fit, text on the label is unreadable, the heater smells burnt, the guest account is locked
    """
)
MONTHS = _items(
    """
    January, February, March, April, May, June, July, August, September, October, November, December
    """
)
